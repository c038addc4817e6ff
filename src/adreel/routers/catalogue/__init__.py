"""The API of batches."""
