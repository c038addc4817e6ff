"""Limits on connections, before a request reaches the app: bytes, seconds, number."""
