"""The genres: harmony, rhythm, band and room of each. All patterns are one bar of sixteen steps (see ``score.steps``)."""

from __future__ import annotations

from adreel.media.music.genre import Genre
from adreel.media.music.genres.chill import CHILL
from adreel.media.music.genres.energetic import ENERGETIC
from adreel.media.music.genres.luxury import LUXURY
from adreel.media.music.genres.playful import PLAYFUL
from adreel.media.music.genres.upbeat import UPBEAT

ALL: dict[str, Genre] = {genre.name: genre for genre in (UPBEAT, CHILL, ENERGETIC, LUXURY, PLAYFUL)}
