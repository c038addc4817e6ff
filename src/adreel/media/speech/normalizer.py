"""Turns written English into spoken words, keeping for each its written form: prices, numbers, units, addresses.

read_aloud("Lumen No. 4, only $24.99")  ->  Lumen | number | four, | only | twenty four dollars and ninety nine cents
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adreel.media.speech import number_words as numbers
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import (
    ABBREVIATIONS,
    CODES,
    DOMAIN_WORDS,
    MONTHS,
    SCALES,
    SHORT_SCALES,
    SIGNS,
    SPELLED,
    SYMBOLS,
    UNITS,
)

Pronunciations = Mapping[str, str]
"""How words are said: written words, in small letters, to a respelling ("hail") or to phonemes between slashes ("/hˈAl/")."""

ENDS = frozenset(".!?…")
_PAUSES = ",;:—"
_OPENING = "\"'“‘«([{¡¿"
_CLOSING = "\"'”’»)]}"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGN = "".join(map(re.escape, SIGNS))
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """`shown`: written words as they stand in the text; `said`: the words to say, or phonemes between slashes. `pause` is the
    punctuation after it that the voice hears, `ends` whether a sentence ends here."""

    shown: str
    said: Words
    pause: str = ""
    ends: bool = False


def read_aloud(text: str, pronunciations: Pronunciations | None = None) -> tuple[SpokenWord, ...]:
    """The words of a text as they are said."""
    tokens = [_token(each) for each in _prepared(text).split()]
    return tuple(_spoken(tokens, pronunciations or {}))


def sentences(words: Sequence[SpokenWord]) -> list[list[SpokenWord]]:
    """The words of each sentence."""
    found: list[list[SpokenWord]] = [[]]
    for word in words:
        found[-1].append(word)
        if word.ends:
            found.append([])
    return [each for each in found if any(word.said for word in each)]


def _prepared(text: str) -> str:
    text = (
        unicodedata.normalize("NFC", text)
        .replace("’", "'")
        .replace("‘", "'")
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )
    # A dash between words is a pause; a hyphen within a word is not.
    return re.sub(r"\s+[-–—]+\s+|—", " — ", text)


@dataclass(frozen=True, slots=True)
class _Token:
    """A written word: the characters before, the word itself, the punctuation after it."""

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


def _token(word: str) -> _Token:
    if word in ("—", *SYMBOLS):
        return _Token(word, "" if word == "—" else word, "—" if word == "—" else "")
    head = word.lstrip(_OPENING)
    core = head.rstrip(_CLOSING + ",;:.!?…")
    if core and head[len(core) : len(core) + 1] == '"' and re.fullmatch(_NUMBER, core):
        core += '"'
    return _Token(word, core, head[len(core) :])


def _spoken(tokens: Sequence[_Token], pronunciations: Pronunciations) -> Iterator[SpokenWord]:
    place = 0
    while place < len(tokens):
        count, said, ends = _read(tokens, place, pronunciations)
        last = tokens[place + count - 1]
        shown = " ".join(token.shown for token in tokens[place : place + count])
        yield SpokenWord(shown, said, last.pause if ends else "", last.ends and ends)
        place += count


_Reading = tuple[int, Words, bool]
"""How many tokens were read, the spoken words, and whether the punctuation after them counts."""


def _read(tokens: Sequence[_Token], place: int, pronunciations: Pronunciations) -> _Reading:
    given = _given(tokens, place, pronunciations)
    if given is not None:
        return given
    token = tokens[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else _Token("", "", "")
    for rule in _RULES:
        reading = rule(token, after)
        if reading is not None:
            return reading
    return 1, _word(token.core), True


def _given(tokens: Sequence[_Token], place: int, pronunciations: Pronunciations) -> _Reading | None:
    """The longest written words from `place` that the dictionary knows, with an 's after them if there is one."""
    for count in range(min(4, len(tokens) - place), 0, -1):
        chosen = tokens[place : place + count]
        if any(token.tail for token in chosen[:-1]):
            continue
        written = " ".join(token.lower for token in chosen)
        for key, genitive in ((written, ""), (written.removesuffix("'s"), "'s")):
            if key in pronunciations and (not genitive or written.endswith("'s")):
                return count, _dictated(pronunciations[key], genitive), True
    return None


def _dictated(said: str, genitive: str) -> Words:
    if said.startswith("/"):
        return (said[:-1] + ("z" if genitive else "") + "/",)
    *first, last = said.split()
    return (*first, last + genitive)


def _number_sign(token: _Token, after: _Token) -> _Reading | None:
    """No. 4, Nos. 4 and 5, #1, #summer."""
    if token.lower in ("no", "nos") and token.tail == "." and after.core[:1].isdigit():
        return 1, ("numbers" if token.lower == "nos" else "number",), False
    if match := re.fullmatch(r"(?:#|[Nn]o\.)(\d+)", token.core):
        return 1, ("number", *numbers.cardinal(int(match[1]))), True
    if match := re.fullmatch(r"#(\w+)", token.core):
        return 1, ("hashtag", *_word(match[1])), True
    return None


def _abbreviation(token: _Token, _after: _Token) -> _Reading | None:
    for written, dotted in ((f"{token.lower}.", token.tail[:1] == "."), (token.lower, False)):
        if (dotted or not written.endswith(".")) and written in ABBREVIATIONS:
            rest = token.tail[1:] if dotted else token.tail
            return 1, tuple(ABBREVIATIONS[written].split()), bool(rest)
    return None


def _price(token: _Token, after: _Token) -> _Reading | None:
    """$24.99, 24.99 USD, EUR 24.90, £5 million, $5/month, 24,90 €."""
    sign, amount, scale, rest = "", "", "", ""
    count = 1
    if match := re.fullmatch(rf"(?:US|A|C)?([{_SIGN}])({_NUMBER})(k|K|m|M|bn|B)?(?:/([A-Za-z]+))?", token.core):
        sign, amount, scale, rest = match[1], match[2], match[3] or "", match[4] or ""
    elif match := re.fullmatch(rf"({_NUMBER}|\d+,\d\d)([{_SIGN}])", token.core):
        amount, sign = match[1], match[2]
    elif (
        not token.tail
        and re.fullmatch(rf"{_NUMBER}|\d+,\d\d", token.core)
        and (after.core in CODES or after.core in SIGNS)
    ):
        sign, amount, count = CODES.get(after.core, after.core), token.core, 2
    elif not token.tail and token.core in CODES and re.fullmatch(rf"{_NUMBER}|\d+,\d\d", after.core):
        sign, amount, count = CODES[token.core], after.core, 2
    if not sign:
        return None
    spelled = SHORT_SCALES.get(scale, "")
    if not spelled and count == 1 and not token.tail and after.lower in SCALES:
        spelled, count = after.lower, 2
    per = ("per", *_word(rest)) if rest else ()
    return count, (*_money(_value(amount), sign, spelled), *per), True


def _money(value: Decimal, sign: str, scale: str) -> Words:
    (one, many), (cent, cents) = SIGNS[sign]
    if scale:
        return (*numbers.decimal(value), scale, many)
    whole, hundredths = int(value), int(value * 100) % 100
    main = (*numbers.cardinal(whole), one if whole == 1 else many)
    if not hundredths or not cent:
        return main
    small = (*numbers.cardinal(hundredths), cent if hundredths == 1 else cents)
    return (*main, "and", *small) if whole else small


def _value(written: str) -> Decimal:
    """24,90 has a decimal comma; in 1,250 it parts thousands."""
    if re.fullmatch(r"\d+,\d\d", written):
        return Decimal(written.replace(",", "."))
    return Decimal(written.replace(",", ""))


def _measure(token: _Token, after: _Token) -> _Reading | None:
    """18 L, 350ml, 20%, 2x. Between two numbers x is by."""
    if match := re.fullmatch(rf"([+-]?)({_NUMBER})-?({_UNIT})", token.core):
        return 1, (*_sign(match[1]), *_measured(match[2], match[3])), True
    match = re.fullmatch(rf"([+-]?)({_NUMBER})", token.core)
    if match and not token.tail and _is_unit(after):
        return 2, (*_sign(match[1]), *_measured(match[2], after.core)), True
    if match := re.fullmatch(r"(\d+)[x×](\d+)", token.core):
        return 1, (*numbers.cardinal(int(match[1])), "by", *numbers.cardinal(int(match[2]))), True
    if token.core in ("x", "×") and after.core[:1].isdigit():
        return 1, ("by",), True
    return None


def _is_unit(token: _Token) -> bool:
    """Whether a word after a number is its unit. "In" is one only before punctuation: 2 in 1, 8 in."""
    return token.core in UNITS and token.core not in "xk×K" and (token.core != "in" or bool(token.tail))


def _sign(written: str) -> Words:
    return {"+": ("plus",), "-": ("minus",)}.get(written, ())


def _measured(amount: str, unit: str) -> Words:
    one, many = UNITS[unit]
    return (*numbers.decimal(_value(amount)), *(one if amount == "1" else many).split())


def _time(token: _Token, after: _Token) -> _Reading | None:
    """7:30 pm, 9am, 24/7."""
    if token.core == "24/7":
        return 1, ("twenty", "four", "seven"), True
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d))?([ap]\.?m)?", token.core, re.IGNORECASE)
    if match is None or not (match[2] or match[3]) or int(match[1]) > 24:
        return None
    minutes = int(match[2] or 0)
    words = numbers.cardinal(int(match[1]))
    words += () if not minutes else (("oh",) if minutes < 10 else ()) + numbers.cardinal(minutes)
    half, count = match[3], 1
    if not half and not token.tail and after.lower.replace(".", "") in ("am", "pm"):
        half, count = after.core, 2
    return count, (*words, half[0].upper(), "M") if half else words, True


def _date(token: _Token, after: _Token) -> _Reading | None:
    """2026-12-24, Dec. 24, December 24th, 24 December."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", token.core):
        month, day = int(match[2]), int(match[3])
        if 1 <= month <= 12 and 1 <= day <= 31:
            return 1, (list(MONTHS.values())[month - 1], *numbers.ordinal(day), *numbers.year(int(match[1]))), True
    if not token.tail.replace(".", "") and (month := _month(token.core)) and (day := _day(after.core)):
        return 2, (month, *numbers.ordinal(day)), True
    if not token.tail and (day := _day(token.core)) and (month := _month(after.core)):
        return 2, ("the", *numbers.ordinal(day), "of", month), True
    return None


def _month(written: str) -> str | None:
    """The month that is written, in full or as three letters with a capital."""
    name = MONTHS.get(written[:3].lower())
    return name if written[:1].isupper() and written.lower() in (name, (name or "")[:3], "sept") else None


def _day(written: str) -> int | None:
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", written)
    return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None


def _address(token: _Token, _after: _Token) -> _Reading | None:
    """morgen.co, www.shop.com/sale, hello@morgen.co."""
    core = re.sub(r"^https?://", "", token.core)
    if not re.fullmatch(r"(?:[\w.+-]+@)?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/[\w./-]*)?", core) or re.fullmatch(
        r"(?:\w\.)+\w", core
    ):
        return None
    host, _, path = core.partition("/")
    words = [word for part in re.split(r"([.@_-])", host) for word in _address_part(part, host)]
    for part in filter(None, path.split("/")):
        words += ["slash", *(word for piece in re.split(r"([._-])", part) for word in _address_part(piece, ""))]
    return 1, tuple(words), True


def _address_part(part: str, host: str) -> Words:
    named = {".": ("dot",), "@": ("at",), "-": ("dash",), "_": ("underscore",)}
    if part in named or not part:
        return named.get(part, ())
    if part == "www" or (len(part) == 2 and host.endswith(f".{part}") and part not in DOMAIN_WORDS):
        return tuple(part.upper())
    return _word(part)


def _digits(token: _Token, _after: _Token) -> _Reading | None:
    """Plain numbers, years, ordinals, ranges, fractions."""
    core = token.core
    if re.fullmatch(_NUMBER, core):
        return 1, numbers.year(int(core)) if numbers.is_year(core) else numbers.decimal(_value(core)), True
    if match := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", core):
        return 1, numbers.ordinal(int(match[1])), True
    if match := re.fullmatch(rf"({_NUMBER})[-–]({_NUMBER})({_UNIT})?", core):
        last = _measured(match[2], match[3]) if match[3] else numbers.decimal(_value(match[2]))
        return 1, (*numbers.decimal(_value(match[1])), "to", *last), True
    if match := re.fullmatch(r"(\d)/(\d)", core):
        return _fraction(int(match[1]), int(match[2]))
    if core in ("½", "¼", "¾"):
        return 1, {"½": ("one", "half"), "¼": ("one", "quarter"), "¾": ("three", "quarters")}[core], True
    if match := re.fullmatch(r"([+-])(\d+(?:\.\d+)?)", core):
        return 1, (*_sign(match[1]), *numbers.decimal(Decimal(match[2]))), True
    return None


def _decade(token: _Token, _after: _Token) -> _Reading | None:
    """1990s, 80s."""
    match = re.fullmatch(r"'?((?:1[1-9]|20)?\d0)'?s", token.core)
    if match is None or match[1] == "00":
        return None
    *first, last = numbers.year(int(match[1])) if len(match[1]) == 4 else numbers.cardinal(int(match[1]))
    return 1, (*first, f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"), True


def _fraction(above: int, below: int) -> _Reading | None:
    if not 0 < above < below:
        return None
    name = {2: "half", 4: "quarter"}.get(below) or numbers.ordinal(below)[-1]
    plural = {"half": "halves"}.get(name, f"{name}s")
    return 1, (*numbers.cardinal(above), name if above == 1 else plural), True


_RULES: Sequence[Callable[[_Token, _Token], _Reading | None]] = (
    _number_sign,
    _abbreviation,
    _price,
    _decade,
    _measure,
    _time,
    _date,
    _digits,
    _address,
)


def _word(core: str) -> Words:
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
        said += numbers.decimal(_value(part)) if part.isdecimal() else _word(part)
    return tuple(said)
