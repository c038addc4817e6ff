"""Amounts, the ledger's types, refusals and reconciliation."""
