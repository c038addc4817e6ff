"""Batches on PostgreSQL and S3 with one and with two workers, and with workers that are killed. See `make batch-cluster`."""
