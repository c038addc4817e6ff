"""Opens what checks films against placements."""

from __future__ import annotations

from adreel.bootstrap.settings import Settings
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.placements.checking import FilmChecker
from adreel.placements.isolated import read_facts_isolated
from adreel.placements.streams import read_facts


def open_checker(settings: Settings, *, of_strangers: bool = False) -> FilmChecker:
    """The checker of films; files `of_strangers` are read in processes of their own. Raises SetupError."""
    return FilmChecker(
        find_ffmpeg(settings.ffmpeg), settings.placements, read_facts_isolated if of_strangers else read_facts
    )
