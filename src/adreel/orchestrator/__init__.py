"""Durable jobs: flows over a durable engine, the workers that run them, and the recovery from crashes."""
