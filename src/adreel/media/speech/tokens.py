"""Written words as the rules of the normaliser see them: each with its neighbours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from adreel.media.speech import number_words as numbers
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import SPELLED, SYMBOLS

ENDS = frozenset(".!?…")
_PAUSES = ",;:—"
_OPENING = "\"'“‘«([{¡¿"
_CLOSING = "\"'”’»)]}"
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

Reading = tuple[int, Words, bool]
"""How many tokens were read, the spoken words, and whether the punctuation after them counts."""


@dataclass(frozen=True, slots=True)
class Token:
    """A written word: as it stands in the text, the word itself, the punctuation after it."""

    shown: str
    core: str
    tail: str

    @property
    def lower(self) -> str:
        return self.core.casefold()

    @property
    def pause(self) -> str:
        return next((sign for sign in self.tail if sign in ENDS or sign in _PAUSES), "")

    @property
    def ends(self) -> bool:
        return any(sign in ENDS for sign in self.tail)


_NOTHING = Token("", "", "")


@dataclass(frozen=True, slots=True)
class Nearby:
    """A token and those around it, empty where the text ends."""

    tokens: Sequence[Token]
    place: int

    def beside(self, steps: int) -> Token:
        """The token so many steps further on, or back."""
        place = self.place + steps
        return self.tokens[place] if 0 <= place < len(self.tokens) else _NOTHING

    @property
    def token(self) -> Token:
        return self.beside(0)

    @property
    def after(self) -> Token:
        return self.beside(1)


def tokens_of(text: str) -> list[Token]:
    """The written words of a text. A dash between two is one without a word."""
    text = unicodedata.normalize("NFC", text)
    for written, plain in (("’", "'"), ("‘", "'"), ("\u00a0", " "), ("\u202f", " ")):
        text = text.replace(written, plain)
    # A dash between words is a pause; a hyphen within a word is not.
    return [_token(each) for each in re.sub(r"\s+[-–—]+\s+|—", " — ", text).split()]


def _token(word: str) -> Token:
    if word in ("—", *SYMBOLS):
        return Token(word, "" if word == "—" else word, "—" if word == "—" else "")
    head = word.lstrip(_OPENING)
    core = head.rstrip(_CLOSING + ",;:.!?…")
    if core and head[len(core) : len(core) + 1] == '"' and re.fullmatch(NUMBER, core):
        core += '"'
    return Token(word, core, head[len(core) :])


def value_of(written: str) -> Decimal:
    """24,90 has a decimal comma; in 1,250 it parts thousands."""
    if re.fullmatch(r"\d+,\d\d", written):
        return Decimal(written.replace(",", "."))
    return Decimal(written.replace(",", ""))


def word_of(core: str) -> Words:
    """A word as it is looked up: compounds in their parts, short forms letter by letter, digits within words as numbers."""
    if core in SYMBOLS:
        return (SYMBOLS[core],)
    core = re.sub(r"[™®©*†°]", "", core)
    if re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]?", core):
        return tuple(core.replace(".", "").upper())
    if core in SPELLED:
        return tuple(core)
    parts = [part for part in re.split(r"[-–/_.]|(?<=\D)(?=\d)|(?<=\d)(?=\D)|([&+@])", core) if part]
    if len(parts) <= 1:
        return tuple(parts) if any(char.isalnum() for char in core) else ()
    said: list[str] = []
    for part in parts:
        said += numbers.decimal(value_of(part)) if part.isdecimal() else word_of(part)
    return tuple(said)
