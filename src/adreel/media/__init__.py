"""Frames, sound and text: everything that knows media and nothing that knows people."""
