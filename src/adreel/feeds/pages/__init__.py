"""A product page: its structured data, whatever markup surrounds it."""
