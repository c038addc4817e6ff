"""The commands of who runs the service: processes, database, accounts, limits, webhooks, reconciliation."""
