"""Rules for prices, measures, ratings and plain numbers."""

from __future__ import annotations

import re
from decimal import Decimal

from adreel.media.speech import number_words as numbers
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import CODES, SCALES, SHORT_SCALES, SIGNS, UNITS
from adreel.media.speech.tokens import NUMBER, Nearby, Reading, Token, value_of, word_of

_SIGN = "".join(map(re.escape, SIGNS))
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_ARTICLES = frozenset(("a", "an", "the", "this", "that", "our", "your", "my", "its", "each", "every", "one"))
_NO_NOUNS = frozenset(
    ("of", "and", "or", "in", "on", "at", "to", "for", "from", "with", "by", "per", "is", "are", "a", "the")
)
"""Words after a measure that it does not describe."""


def price(near: Nearby) -> Reading | None:
    """$24.99, 24.99 USD, EUR 24.90, £5 million, $5/month, 24,90 €."""
    token, after = near.token, near.after
    sign, amount, scale, rest = "", "", "", ""
    count = 1
    if match := re.fullmatch(rf"(?:US|A|C)?([{_SIGN}])({NUMBER})(k|K|m|M|bn|B)?(?:/([A-Za-z]+))?", token.core):
        sign, amount, scale, rest = match[1], match[2], match[3] or "", match[4] or ""
    elif match := re.fullmatch(rf"({NUMBER}|\d+,\d\d)([{_SIGN}])", token.core):
        amount, sign = match[1], match[2]
    elif (
        not token.tail
        and re.fullmatch(rf"{NUMBER}|\d+,\d\d", token.core)
        and (after.core in CODES or after.core in SIGNS)
    ):
        sign, amount, count = CODES.get(after.core, after.core), token.core, 2
    elif not token.tail and token.core in CODES and re.fullmatch(rf"{NUMBER}|\d+,\d\d", after.core):
        sign, amount, count = CODES[token.core], after.core, 2
    if not sign:
        return None
    spelled = SHORT_SCALES.get(scale, "")
    if not spelled and count == 1 and not token.tail and after.lower in SCALES:
        spelled, count = after.lower, 2
    per = ("per", *word_of(rest)) if rest else ()
    return count, (*_money(value_of(amount), sign, spelled), *per), True


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


def measure(near: Nearby) -> Reading | None:
    """18 L, 350ml, 20%, 2x, 3.4 fl. oz.; a 12-inch and a 250 g bag have one inch and gram. Between two numbers x is by."""
    token, after = near.token, near.after
    if match := re.fullmatch(rf"([+-]?)({NUMBER})(-?)({_UNIT})", token.core):
        single = bool(match[3]) or _describes(near, 1)
        return 1, (*_sign(match[1]), *measured(match[2], match[4], single)), True
    match = re.fullmatch(rf"([+-]?)({NUMBER})", token.core)
    if match and not token.tail and (unit := _unit_after(near)):
        count, name = unit
        return count, (*_sign(match[1]), *measured(match[2], name, _describes(near, count))), True
    if match := re.fullmatch(r"(\d+)[x×](\d+)", token.core):
        return 1, (*numbers.cardinal(int(match[1])), "by", *numbers.cardinal(int(match[2]))), True
    if token.core in ("x", "×") and after.core[:1].isdigit():
        return 1, ("by",), True
    return None


def _unit_after(near: Nearby) -> tuple[int, str] | None:
    """The unit after a number, and the tokens of both. "In" is one only before punctuation: 2 in 1, 8 in."""
    after, third = near.after, near.beside(2)
    if after.lower == "fl" and after.tail in ("", ".") and third.lower == "oz":
        return 3, "fl oz"
    is_unit = after.core in UNITS and after.core not in "xk×K" and (after.core != "in" or bool(after.tail))
    return (2, after.core) if is_unit else None


def _describes(near: Nearby, count: int) -> bool:
    """Whether the measure of so many tokens describes the word after it: after an article, a 2 m cable."""
    last, noun = near.beside(count - 1), near.beside(count)
    if near.beside(-1).lower not in _ARTICLES or near.beside(-1).tail or last.pause not in ("", "."):
        return False
    return noun.core.isalpha() and noun.core[:1].islower() and noun.lower not in _NO_NOUNS


def _sign(written: str) -> Words:
    return {"+": ("plus",), "-": ("minus",)}.get(written, ())


def measured(amount: str, unit: str, single: bool = False) -> Words:
    """An amount with its unit, which is `single` in a word that describes another."""
    one, many = UNITS[unit]
    return (*numbers.decimal(value_of(amount)), *(one if amount == "1" or single else many).split())


def digits(near: Nearby) -> Reading | None:
    """Plain numbers, years, ordinals, ranges, fractions, ratings."""
    core = near.token.core
    if re.fullmatch(NUMBER, core):
        return 1, numbers.year(int(core)) if numbers.is_year(core) else numbers.decimal(value_of(core)), True
    if match := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", core):
        return 1, numbers.ordinal(int(match[1])), True
    if match := re.fullmatch(rf"({NUMBER})[-–]({NUMBER})({_UNIT})?", core):
        last = measured(match[2], match[3]) if match[3] else numbers.decimal(value_of(match[2]))
        return 1, (*numbers.decimal(value_of(match[1])), "to", *last), True
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+)", core):
        return _rating(match[1], match[2], near.after) or _fraction(match[1], match[2])
    if core in ("½", "¼", "¾"):
        return 1, {"½": ("one", "half"), "¼": ("one", "quarter"), "¾": ("three", "quarters")}[core], True
    if match := re.fullmatch(r"([+-])(\d+(?:\.\d+)?)", core):
        return 1, (*_sign(match[1]), *numbers.decimal(Decimal(match[2]))), True
    return None


def _rating(given: str, most: str, after: Token) -> Reading | None:
    """4.8/5, 9/10, 5/5, 4/5 stars."""
    is_rating = "." in given or most in ("10", "100") or given == most or after.lower in ("stars", "star")
    if not is_rating or Decimal(given) > Decimal(most):
        return None
    return 1, (*numbers.decimal(Decimal(given)), "out", "of", *numbers.cardinal(int(most))), True


def _fraction(above: str, below: str) -> Reading | None:
    if len(above) > 1 or len(below) > 1 or not 0 < int(above) < int(below):
        return None
    name = {2: "half", 4: "quarter"}.get(int(below)) or numbers.ordinal(int(below))[-1]
    plural = {"half": "halves"}.get(name, f"{name}s")
    return 1, (*numbers.cardinal(int(above)), name if above == "1" else plural), True
