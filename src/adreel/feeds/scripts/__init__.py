"""The script of each product: a template with slots, or a recipe."""
