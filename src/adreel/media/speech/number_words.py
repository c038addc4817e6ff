"""English words for numbers, as they are said: pure."""

from __future__ import annotations

from decimal import Decimal

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LARGEST = 10**15
_FIRST_YEAR, _LAST_YEAR = 1100, 2099

Words = tuple[str, ...]


def cardinal(number: int) -> Words:
    """The words of a whole number; the digits of one that has no name here."""
    if number < 0:
        return ("minus", *cardinal(-number))
    if number >= _LARGEST:
        return digits(str(number))
    words: list[str] = []
    for value, name in _SCALES:
        if number >= value:
            words += [*_hundreds(number // value), name]
            number %= value
    if number or not words:
        words += _hundreds(number)
    return tuple(words)


def _hundreds(number: int) -> list[str]:
    words = [_ONES[number // 100], "hundred"] if number >= 100 else []
    rest = number % 100
    if words and rest:
        words.append("and")
    if rest >= 20:
        words.append(_TENS[rest // 10])
        rest %= 10
        return words if not rest else [*words, _ONES[rest]]
    return [*words, _ONES[rest]] if rest or not words else words


def ordinal(number: int) -> Words:
    *first, last = cardinal(number)
    if last in _ORDINALS:
        return (*first, _ORDINALS[last])
    return (*first, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def digits(text: str) -> Words:
    """Each digit by itself."""
    return tuple(_ONES[int(digit)] for digit in text if digit.isdecimal())


def is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and _FIRST_YEAR <= int(text) <= _LAST_YEAR


def year(number: int) -> Words:
    """A year: nineteen ninety nine, two thousand and five, twenty twenty six."""
    high, low = divmod(number, 100)
    if low == 0:
        return cardinal(number) if high % 10 == 0 else (*cardinal(high), "hundred")
    if high % 10 == 0 and low < 10:
        return (*cardinal(high * 100), "and", *cardinal(low))
    return (*cardinal(high), *(("oh",) if low < 10 else ()), *cardinal(low))


def decimal(value: Decimal) -> Words:
    """A number with its decimals, digit by digit: one point two five."""
    whole, _, fraction = format(value, "f").partition(".")
    words = cardinal(int(whole)) if whole != "-0" else ("minus", "zero")
    return (*words, "point", *digits(fraction)) if fraction else words
