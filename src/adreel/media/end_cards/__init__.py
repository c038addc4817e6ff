"""The last card of a film, with the product, its name and what to do next."""
