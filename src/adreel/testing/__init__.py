"""Servers that stand in for hosted services, for tests and for working without an account."""
