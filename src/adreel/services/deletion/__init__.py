"""Deletions: recorded in the database, then carried out in every store."""
