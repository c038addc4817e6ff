"""Puts adreel together from settings. The only room that names concrete classes."""
