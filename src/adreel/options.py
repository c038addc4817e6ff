"""What the person asks for, checked before any work and turned into the film's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.color import Color
from adreel.domain.errors import InputError, MusicError
from adreel.domain.film import AudioConfig, FilmSpec, TextOverlay, Transition
from adreel.domain.fit import Fit
from adreel.domain.formats import frame_size, to_frames
from adreel.domain.scene import Mood
from adreel.media.audio import check_music
from adreel.media.cards.fonts import check_text, resolve_font
from adreel.media.music import GENRES

MIN_CARD_SECONDS = 0.5
MAX_CARD_SECONDS = 10.0
"""A shorter card cannot be read, a longer one is no card any more."""

NO_MUSIC = "none"

GENRE_OF: Mapping[Mood, str] = {
    Mood.NEUTRAL: "upbeat",
    Mood.CALM: "chill",
    Mood.ENERGETIC: "energetic",
    Mood.LUXURY: "luxury",
    Mood.NIGHT: "luxury",
    Mood.PLAYFUL: "playful",
}
"""Music for a mood when the person names none."""


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """A film as a person words it: lengths in seconds, colour as #RRGGBB, music as a genre, a file's path or "none"."""

    name: str | None = None
    cta: str | None = None
    aspect: str = "16:9"
    music: str | None = None
    color: str | None = None
    font: str | None = None
    intro_seconds: float = 1.0
    outro_seconds: float = 1.0
    transition: Transition = Transition.CUT
    fit: Fit = Fit.BLUR
    seed: int = 0


def film_spec(options: FilmOptions, mood: Mood, product_color: Color) -> FilmSpec:
    """The film's data. `mood` and `product_color` stand in for a music and a colour that were not named.

    Raises InputError, TextError or MusicError for what cannot be done, before anything is rendered.
    """
    overlay = TextOverlay(
        product_name=_words(options.name, options.font),
        cta=_words(options.cta, options.font),
        color=Color.parse(options.color) if options.color else product_color,
        font=options.font,
    )
    return FilmSpec(
        size=frame_size(options.aspect),
        text=overlay,
        audio=audio_config(options.music, mood),
        transition=options.transition,
        fit=options.fit,
        intro_frames=_card_frames("intro", options.intro_seconds),
        outro_frames=_card_frames("outro", options.outro_seconds),
        seed=options.seed,
    )


def audio_config(music: str | None, mood: Mood) -> AudioConfig:
    """Reads ``GENRE|FILE|none``. A file is opened, so that one that cannot be used is refused here. Raises MusicError."""
    if music is None:
        return AudioConfig(genre=GENRE_OF[mood])
    if music == NO_MUSIC:
        return AudioConfig()
    if music in GENRES:
        return AudioConfig(genre=music)
    path = Path(music)
    if not path.is_file():
        raise MusicError(f"music {music!r} is neither a genre ({', '.join(GENRES)}), nor a file, nor {NO_MUSIC}")
    check_music(path)
    return AudioConfig(file=path)


def _words(text: str | None, font: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    check_text(text, resolve_font(font))
    return text


def _card_frames(card: str, seconds: float) -> int:
    if seconds == 0:
        return 0
    if not MIN_CARD_SECONDS <= seconds <= MAX_CARD_SECONDS:
        raise InputError(
            f"an {card} card of {seconds:g} s is not possible; choose 0 for none, or {MIN_CARD_SECONDS:g} to "
            f"{MAX_CARD_SECONDS:g} seconds"
        )
    return to_frames(seconds)
