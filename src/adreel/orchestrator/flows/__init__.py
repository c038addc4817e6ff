"""Workflows: clips, images and films, with the makers of their assets."""
