"""A film for each product of a feed; afterwards only what changed."""
