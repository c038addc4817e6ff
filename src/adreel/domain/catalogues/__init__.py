"""Batches of the service: a film for each product of a user's catalogue."""
