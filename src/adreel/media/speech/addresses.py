"""Rules for addresses on the internet, on streets and of telephones."""

from __future__ import annotations

import re

from adreel.media.speech import number_words as numbers
from adreel.media.speech.lexicon import lexicon
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import DOMAIN_WORDS, STREETS
from adreel.media.speech.tokens import Nearby, Reading, word_of

_SHORTEST = 3
"""Letters of a word that is found within a longer one."""
_SUBSCRIBER = re.compile(r"(?:\+?(\d{1,3})[-.])?(?:(\d{3})[-.])?(\d{3})[-.](\d{4})")


def address(near: Nearby) -> Reading | None:
    """morgen.co, www.shop.com/sale, hello@morgen.co, @morgen.home."""
    core = re.sub(r"^https?://", "", near.token.core)
    if re.fullmatch(r"@\w[\w.]*", core):
        return 1, ("at", *_parts(core[1:], "")), True
    if not re.fullmatch(r"(?:[\w.+-]+@)?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/[\w./-]*)?", core) or re.fullmatch(
        r"(?:\w\.)+\w", core
    ):
        return None
    host, _, path = core.partition("/")
    words = _parts(host, host)
    for part in filter(None, path.split("/")):
        words += ("slash", *_parts(part, ""))
    return 1, words, True


def _parts(written: str, host: str) -> Words:
    return tuple(word for part in re.split(r"([.@_-])", written) for word in _part(part, host))


def _part(part: str, host: str) -> Words:
    named = {".": ("dot",), "@": ("at",), "-": ("dash",), "_": ("underscore",)}
    if part in named or not part:
        return named.get(part, ())
    if part == "www" or (len(part) == 2 and host.endswith(f".{part}") and part not in DOMAIN_WORDS):
        return tuple(part.upper())
    return in_words(part)


def in_words(part: str) -> Words:
    """A part of an address: two words that stand together are said as two, halecoffee as hale coffee."""
    if part.isalpha() and lexicon().find(part) is None:
        for place in range(_SHORTEST, len(part) - _SHORTEST + 1):
            if all(lexicon().find(each) is not None for each in (part[:place], part[place:])):
                return part[:place], part[place:]
    return word_of(part)


def telephone(near: Nearby) -> Reading | None:
    """1-800-555-0199, (800) 555-0199, 555-0199, +4930123456: digit by digit, a round number of hundreds as one."""
    token, after = near.token, near.after
    if token.shown.startswith("(") and token.tail == ")" and re.fullmatch(r"\d{3}", token.core):
        match = _SUBSCRIBER.fullmatch(after.core)
        if match is None or match[2]:
            return None
        return 2, (*_group(token.core), *_group(match[3]), *_group(match[4])), True
    if re.fullmatch(r"\+\d{7,15}", token.core):
        return 1, ("plus", *_group(token.core[1:])), True
    match = _SUBSCRIBER.fullmatch(token.core)
    if match is None or (match[1] and not match[2]):
        return None
    plus = ("plus",) if token.core.startswith("+") else ()
    return 1, (*plus, *(word for group in match.groups() if group for word in _group(group))), True


def _group(digits: str) -> Words:
    if len(digits) == 3 and digits.endswith("00") and digits != "000":
        return numbers.cardinal(int(digits))
    return tuple("oh" if word == "zero" else word for word in numbers.digits(digits))


def street(near: Nearby) -> Reading | None:
    """221 Baker St., 12 Ocean Dr. in Miami: after the number of a house, or before a comma, St. and Dr. are no persons."""
    token, name = near.token, near.beside(-1)
    if token.lower not in STREETS or token.tail[:1] != "." or not name.core[:1].isupper() or name.tail:
        return None
    rest = token.tail[1:]
    if not (near.beside(-2).core.isdigit() or near.beside(-3).core.isdigit() or "," in rest):
        return None
    return 1, (STREETS[token.lower],), bool(rest)
