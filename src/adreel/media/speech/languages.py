"""Which scripts languages are written in: by them a line that a voice cannot speak is refused before it is paid for."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from adreel.domain.errors import TextError
from adreel.media.cards.text import script_name

_SCRIPTS: Mapping[str, frozenset[str]] = {
    code: frozenset(scripts.split())
    for codes, scripts in (
        ("ru uk bg be sr mk kk ky mn", "Cyrillic"),
        ("ar fa ur", "Arabic"),
        ("he yi", "Hebrew"),
        ("hi mr ne", "Devanagari"),
        ("ja", "Hiragana Katakana Chinese"),
        ("zh yue", "Chinese Bopomofo"),
        ("ko", "Hangul Chinese"),
        ("el", "Greek"),
        ("th", "Thai"),
        ("lo", "Lao"),
        ("ta", "Tamil"),
        ("te", "Telugu"),
        ("kn", "Kannada"),
        ("ml", "Malayalam"),
        ("bn as", "Bengali"),
        ("gu", "Gujarati"),
        ("pa", "Gurmukhi"),
        ("si", "Sinhala"),
        ("km", "Khmer"),
        ("my", "Myanmar"),
        ("ka", "Georgian"),
        ("hy", "Armenian"),
        ("am ti", "Ethiopic"),
    )
    for code in codes.split()
}
"""Scripts of languages that are not written in Latin letters."""

_EVERYWHERE = frozenset(
    ("Latin", "Masculine", "Feminine", "Micro", "Fullwidth", "Halfwidth", "Ideographic", "Modifier", "Script")
)
"""Latin letters stand in lines of every language, as names of brands and units do."""
_LONGEST_SHOWN = 60


def check_speakable(text: str, speaker: str, languages: Collection[str], language: str | None) -> None:
    """Raises TextError for a line without words, and for one in letters that `speaker`, who speaks `languages`, does not use:
    those of `language` where it is given, else those of any."""
    if not any(unicodedata.category(char)[0] in "LN" for char in text):
        raise TextError(f"there is nothing to say in {text!r}; write words")
    spoken = languages if language is None else (language,)
    known = _EVERYWHERE.union(*(_SCRIPTS.get(code, _EVERYWHERE) for code in spoken))
    for char in text:
        if unicodedata.category(char)[0] == "L" and (script := script_name(char)) not in known:
            raise TextError(_refusal(text, speaker, script, language))


def _refusal(text: str, speaker: str, script: str, language: str | None) -> str:
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    if language is None:
        return (
            f"{speaker} speaks no language in {script} letters, and the line {shown!r} has some; choose another voice"
        )
    return f"the line {shown!r} has {script} letters, and is to be spoken in the language {language!r}; correct one of them"
