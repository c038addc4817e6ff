"""Brand kits, kept by name."""
