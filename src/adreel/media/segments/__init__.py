"""Encoded segments: rendering, encoding, storing, inspecting, joining."""
