"""Composes music for the exact length of a film from a genre and a seed, played by soundfont instruments."""

from __future__ import annotations

from adreel.media.music.compose import GENRES, compose

__all__ = ["GENRES", "compose"]
