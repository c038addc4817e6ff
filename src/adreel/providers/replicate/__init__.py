"""Replicate: an adapter of our own over its HTTP protocol."""
