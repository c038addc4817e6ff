"""Checks what a brand kit says, wherever it is kept."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.brand import BrandKit, check_kit
from adreel.domain.errors import InputError, MusicError, TextError
from adreel.domain.films.film_options import NO_MUSIC
from adreel.domain.scripts.ad_format.reading import LONGEST_TEXT
from adreel.media.audio.mix import check_music
from adreel.media.cards.fonts import FontChoice, check_text, resolve_font
from adreel.media.music import GENRES
from adreel.media.speech.voice import check_pronunciation

TEXTS = ("title", "color", "font", "cta", "address", "legal", "music")
"""The fields of a kit that are texts; `font` and `music` may name files."""

MOST_PRONUNCIATIONS = 100
LONGEST_PRONUNCIATION = 60
"""Characters of a word and of how it is spoken."""

_SHOWN = ("title", "cta", "address", "legal")


def check_words(kit: BrandKit) -> None:
    """Raises InputError for a name, a colour or a text that cannot be used, TextError for a font and for words that no font
    shows, MusicError. Reads fonts and files: not for the event loop."""
    check_kit(kit)
    for name in TEXTS:
        value = getattr(kit, name)
        if value is not None and not 1 <= len(value) <= LONGEST_TEXT:
            raise InputError(f"{name} of the brand kit has {len(value)} characters; give 1 to {LONGEST_TEXT}")
    font = resolve_font(kit.font)
    for name in _SHOWN:
        _check_shown(name, getattr(kit, name), font)
    if kit.music is not None:
        _check_music(kit.music)
    _check_pronunciations(kit)


def _check_pronunciations(kit: BrandKit) -> None:
    """Raises InputError for too many or too long ones, TextError for one that the voice cannot speak."""
    if len(kit.pronunciations) > MOST_PRONUNCIATIONS:
        raise InputError(
            f"the brand kit has {len(kit.pronunciations)} pronunciations; at most {MOST_PRONUNCIATIONS} are kept"
        )
    for word, said in kit.pronunciations:
        if not word.strip() or len(word) > LONGEST_PRONUNCIATION or len(said) > LONGEST_PRONUNCIATION:
            raise InputError(
                f"the pronunciation {said!r} of {word!r} cannot be kept: both have 1 to {LONGEST_PRONUNCIATION} characters"
            )
        check_pronunciation(word, said)


def _check_shown(name: str, text: str | None, font: FontChoice) -> None:
    if text is None:
        return
    try:
        check_text(text, font)
    except TextError as error:
        raise TextError(f"{name} of the brand kit: {error}") from error


def _check_music(music: str) -> None:
    if music in (NO_MUSIC, *GENRES):
        return
    path = Path(music)
    if not path.is_file():
        raise MusicError(f"music {music!r} is neither a genre ({', '.join(GENRES)}), nor a file, nor {NO_MUSIC}")
    check_music(path)
