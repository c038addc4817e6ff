"""Drafts that play while they are made: parts of a film, drawn in its order, as a stream of fragmented MP4."""
