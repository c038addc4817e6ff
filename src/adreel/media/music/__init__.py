"""Music composed for the exact length of a film: a band of soundfont instruments, a genre and a seed."""

from __future__ import annotations

from adreel.media.music.compose import GENRES, compose

__all__ = ["GENRES", "compose"]
