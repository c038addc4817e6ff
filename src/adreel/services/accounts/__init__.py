"""Accounts: login, API keys, passwords, idempotency, usage."""
