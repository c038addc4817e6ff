"""Captions: the words of a film, spoken or shown, as SubRip and WebVTT files beside it (docs/captions.md). Pure."""
