"""What outlives one call: storage."""
