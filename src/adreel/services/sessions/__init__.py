"""Sessions: commands, queries, jobs, results, uploads."""
