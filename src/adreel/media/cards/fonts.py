"""Resolves the user's font choice, and checks whether a text can be shown with it on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import TextError
from adreel.media.cards.font_chain import families, find_chain
from adreel.media.cards.text import clean_text
from adreel.media.cards.typefaces import (
    FONT_SUFFIXES,
    FontFace,
    digest,
    installed_faces,
    read_font_file,
    shipped_face,
    system_font_folders,
)

DEFAULT_FAMILY = "Montserrat"

DISPLAY_FONTS = {
    DEFAULT_FAMILY: "Montserrat_700Bold.ttf",
    "Inter": "Inter_700Bold.ttf",
    "Playfair Display": "PlayfairDisplay_700Bold.ttf",
    "Poppins": "Poppins_700Bold.ttf",
}
"""Families designed for large type, shipped with adreel."""

_SAMPLES = {
    "Latin": "Añčßøř",
    "Greek": "Ωδή",
    "Cyrillic": "Жёїў",
    "Arabic": "سلام",
    "Hebrew": "שלום",
    "Devanagari": "नमस्ते",
    "Thai": "สวัสดี",
    "Tamil": "வணக்கம்",
    "Bengali": "নমস্কার",
    "Telugu": "నమస్తే",
    "Gujarati": "નમસ્તે",
    "Kannada": "ನಮಸ್ಕಾರ",
    "Malayalam": "നമസ്കാരം",
    "Gurmukhi": "ਨਮਸਤੇ",
    "Ethiopic": "ሰላም",
    "Chinese": "你好謝謝",
    "Japanese": "こんにちは日本",
    "Korean": "안녕하세요",
    "emoji": "😀🎁🧑‍🚀",
}

_MAX_NAMES = 20


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The face of a card, its SHA-256 (for cache keys), and the folders searched for fallback fonts."""

    face: FontFace
    digest: str
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ScriptReport:
    """A script and the families that show it; empty when this machine has none."""

    script: str
    families: tuple[str, ...]


def resolve_font(choice: str | None, folders: Sequence[Path] | None = None) -> FontChoice:
    """The default face for None, a shipped or installed family by name, or a font file by path.

    `folders` are searched for installed fonts, the system's own when None. Raises TextError for an unknown name
    (listing the known ones) and for a file that is not a font.
    """
    searched = system_font_folders() if folders is None else tuple(folders)
    face = _find_face(DEFAULT_FAMILY if choice is None else choice.strip(), searched)
    return FontChoice(face, digest(face), searched)


def check_text(text: str, font: FontChoice) -> None:
    """Raises TextError when the text is empty, too long, or has characters that no available font shows."""
    find_chain(clean_text(text), font.face, font.folders)


def font_report(folders: Sequence[Path] | None = None) -> list[ScriptReport]:
    """For every supported script, the families that show it on this machine."""
    font = resolve_font(None, folders)
    return [ScriptReport(script, families(sample, font.face, font.folders)) for script, sample in _SAMPLES.items()]


def _find_face(choice: str, folders: tuple[Path, ...]) -> FontFace:
    if Path(choice).suffix.lower() in FONT_SUFFIXES:
        return read_font_file(Path(choice).expanduser())
    shipped = {family.casefold(): family for family in DISPLAY_FONTS}
    if family := shipped.get(choice.casefold()):
        return shipped_face(family, DISPLAY_FONTS[family])
    installed = {face.family.casefold(): face for face in installed_faces(folders)}
    if choice.casefold() not in installed:
        raise TextError(_unknown_message(choice, [*DISPLAY_FONTS, *(face.family for face in installed.values())]))
    return installed[choice.casefold()]


def _unknown_message(choice: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return (
        f"no font is named {choice!r}; choose one of {', '.join(names[:_MAX_NAMES])}{more}, or give a .ttf or .otf file"
    )
