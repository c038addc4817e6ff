"""Composing a shot: framing, light, backdrop, product."""
