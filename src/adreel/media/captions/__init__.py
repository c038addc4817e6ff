"""Captions: what is said or shown in a film, as SubRip and WebVTT files beside it (docs/captions.md). Pure."""
