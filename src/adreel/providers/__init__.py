"""Where images, motion and scene plans come from."""
