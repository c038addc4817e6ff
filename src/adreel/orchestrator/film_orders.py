"""A person's wish for a finished film, checked and turned into the options that are kept in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from adreel.domain.errors import InputError, MusicError, TextError
from adreel.domain.film import Transition
from adreel.domain.fit import Fit
from adreel.domain.formats import FrameSize
from adreel.domain.session import Asset, Json
from adreel.media.music import GENRES
from adreel.media.timeline import Item, film_timeline
from adreel.options import NO_MUSIC
from adreel.orchestrator.film_maker import NEUTRAL_COLOR, spec_of

MAX_CLIPS = 40


def film_options(
    text_overlay: Json,
    audio_config: Json,
    intro_duration: float,
    outro_duration: float,
    transition: str,
    seed: int,
) -> Json:
    """Options of `FilmOptions` but the aspect. What a person writes never becomes the path of a file here.

    `text_overlay` {product_name, cta, font, color}, `audio_config` {enabled, genre}, each left out or None for the usual.
    Raises InputError, TextError, MusicError.
    """
    return {
        "name": text_overlay.get("product_name"),
        "cta": text_overlay.get("cta"),
        "font": _font(text_overlay.get("font")),
        "color": text_overlay.get("color"),
        "music": _music(audio_config),
        "intro_seconds": float(intro_duration),
        "outro_seconds": float(outro_duration),
        "transition": _transition(transition),
        "fit": Fit.BLUR,
        "seed": seed,
    }


def check_film(
    options: Json, aspects: Sequence[str], prompt: str, clips: Sequence[Asset], sizes: Mapping[str, FrameSize]
) -> None:
    """Raises InputError, TextError or ClipError for a film that cannot be made. Reads fonts: not for the event loop."""
    if not aspects or len(set(aspects)) != len(aspects):
        raise InputError(f"give each aspect once, at least one of {', '.join(sizes)}")
    unknown = [aspect for aspect in aspects if aspect not in sizes]
    if unknown:
        raise InputError(f"aspect {unknown[0]!r} is not made; choose one of {', '.join(sizes)}")
    if len(clips) > MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} clips; {len(clips)} are approved")
    items = [Item(f"clip {place}", int(clip.details["clip_frames"])) for place, clip in enumerate(clips, start=1)]
    film_timeline(spec_of(options, aspects[0], prompt, NEUTRAL_COLOR, sizes), items)


def _font(name: str | None) -> str | None:
    """The name of a family. Font files are for the command line, where the person's files are."""
    if name is None or not name.strip():
        return None
    if Path(name).suffix or Path(name).name != name or "\\" in name:
        raise TextError(f"no font is named {name!r}; give the name of a family")
    return name


def _music(audio: Json) -> str | None:
    if not audio.get("enabled", True):
        return NO_MUSIC
    genre = audio.get("genre")
    if genre is not None and genre not in GENRES:
        raise MusicError(f"music {genre!r} is no genre; choose one of {', '.join(GENRES)}")
    return genre


def _transition(name: str) -> Transition:
    if name not in list(Transition):
        raise InputError(f"transition {name!r} is not made; choose one of {', '.join(Transition)}")
    return Transition(name)
