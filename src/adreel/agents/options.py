"""Validates film options before any work and converts them to a FilmSpec."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from adreel.agents.film_cards import check_cards
from adreel.domain.errors import (
    InputError,
    MusicError,
    TextError,
)
from adreel.domain.films.color import Color
from adreel.domain.films.film import AudioConfig, EndCardLook, FilmSpec, IntroStyle, TextOverlay
from adreel.domain.films.film_options import MAX_CARD_SECONDS, NO_MUSIC, SILENT, SPEAKING, FilmOptions
from adreel.domain.films.formats import FrameSize, frame_size, to_frames
from adreel.domain.films.scene import Mood
from adreel.media.audio.mix import check_music
from adreel.media.cards.fonts import check_text, resolve_font
from adreel.media.end_cards.intro_card import shortest_intro
from adreel.media.music import GENRES
from adreel.media.timeline import Item, film_timeline
from adreel.providers.planning.scene_rules import read_mood

MIN_CARD_SECONDS = 0.5
"""A shorter card cannot be read."""

GENRE_OF: Mapping[Mood, str] = {
    Mood.NEUTRAL: "upbeat",
    Mood.CALM: "chill",
    Mood.ENERGETIC: "energetic",
    Mood.LUXURY: "luxury",
    Mood.NIGHT: "luxury",
    Mood.PLAYFUL: "playful",
}
"""Default music for each mood."""


def film_spec(options: FilmOptions, mood: Mood, product_color: Color, product: str = "") -> FilmSpec:
    """Converts options to a FilmSpec. `mood` and `product_color` give the default music and colour; `product`, the hash of a
    photo, identifies a product without a name, so that each has music of its own.

    Raises InputError, TextError or MusicError for invalid options, before anything is rendered.
    """
    overlay = TextOverlay(
        product_name=_words(options.name, options.font),
        cta=_words(options.cta, options.font),
        color=Color.parse(options.color) if options.color else product_color,
        font=options.font,
    )
    spec = FilmSpec(
        size=frame_size(options.aspect),
        text=overlay,
        audio=audio_config(options.music, mood),
        transition=options.transition,
        fit=options.fit,
        intro_frames=_intro_frames(options),
        outro_frames=card_frames("outro", options.outro_seconds),
        seed=options.seed,
        music_seed=_music_seed(options.seed, options.name or product),
        intro_style=options.intro_style,
    )
    return spec.as_draft() if options.draft else spec


def _intro_frames(options: FilmOptions) -> int:
    """The frames of the intro; one with the product lasts at least as long as the name takes to read."""
    frames = card_frames("intro", options.intro_seconds)
    if not frames or options.intro_style is IntroStyle.PLAIN or not (options.name or "").strip():
        return frames
    return max(frames, shortest_intro(options.intro_style, options.name or ""))


def _music_seed(seed: int, product: str) -> int:
    """The seed of a product's music: other music for another product, the same music for the same order."""
    return int.from_bytes(hashlib.sha256(f"{seed} {product}".encode()).digest()[:8], "big")


def audio_config(music: str | None, mood: Mood) -> AudioConfig:
    """Reads ``GENRE|FILE|none``. Raises MusicError for anything else and for an unusable file, which it opens."""
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


def matched_genre(prompt: str) -> str:
    """The genre of a film whose music is not chosen."""
    return GENRE_OF[read_mood(prompt)]


def _words(text: str | None, font: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    check_text(text, resolve_font(font))
    return text


def card_frames(card: str, seconds: float) -> int:
    """The frames of a card, 0 for none. Raises InputError for a length that a card cannot have."""
    if seconds == 0:
        return 0
    if not MIN_CARD_SECONDS <= seconds <= MAX_CARD_SECONDS:
        raise InputError(
            f"an {card} card of {seconds:g} s is not possible; choose 0 for none, or {MIN_CARD_SECONDS:g} to "
            f"{MAX_CARD_SECONDS:g} seconds"
        )
    return to_frames(seconds)


MAX_CLIPS = 40


def check_request(options: FilmOptions) -> None:
    """Checks options received over the network: their music and font must be names, never paths of this machine.

    Raises MusicError or TextError.
    """
    if options.music not in (None, NO_MUSIC, *GENRES):
        raise MusicError(f"music {options.music!r} is not a genre; choose one of {', '.join(GENRES)}")
    check_speaking(options)
    name = options.font
    if name and (Path(name).suffix or Path(name).name != name or "\\" in name):
        raise TextError(f"no font is named {name!r}; give the name of a family")


def check_speaking(options: FilmOptions) -> None:
    """Raises InputError for a voice that is neither on nor off."""
    if options.voice not in (SPEAKING, SILENT):
        raise InputError(f"the voice {options.voice!r} is not known; choose {SPEAKING} or {SILENT}")


def check_film(
    options: FilmOptions,
    aspects: Sequence[str],
    prompt: str,
    clips: Sequence[int],
    sizes: Mapping[str, FrameSize],
    end_card: EndCardLook | None = None,
) -> None:
    """Checks a film of clips of these lengths in frames. Reads fonts: not for the event loop.

    Raises InputError, TextError or ClipError for a film that cannot be made.
    """
    if not aspects or len(set(aspects)) != len(aspects):
        raise InputError(f"give each aspect once, at least one of {', '.join(sizes)}")
    unknown = [aspect for aspect in aspects if aspect not in sizes]
    if unknown:
        raise InputError(f"aspect {unknown[0]!r} is not made; choose one of {', '.join(sizes)}")
    if len(clips) > MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} clips; {len(clips)} are approved")
    items = [Item(f"clip {place}", frames) for place, frames in enumerate(clips, start=1)]
    specs = [spec_of(replace(options, aspect=aspect), prompt, NEUTRAL_COLOR, sizes) for aspect in aspects]
    specs = [replace(spec, end_card=end_card) for spec in specs]
    film_timeline(specs[0], items)
    for spec in specs:
        check_cards(spec)


NEUTRAL_COLOR = Color(31, 41, 55)
"""Card colour of films whose product is unknown."""


def spec_of(options: FilmOptions, prompt: str, color: Color, sizes: Mapping[str, FrameSize]) -> FilmSpec:
    """Converts options to a FilmSpec with the frame size from `sizes`. Raises InputError, TextError, MusicError.

    Reads fonts: not for the event loop.
    """
    spec = replace(film_spec(replace(options, draft=False), read_mood(prompt), color), size=sizes[options.aspect])
    return spec.as_draft() if options.draft else spec
