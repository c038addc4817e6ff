"""Rules for times of day, dates, decades and opening hours."""

from __future__ import annotations

import re

from adreel.media.speech import number_words as numbers
from adreel.media.speech.number_words import Words
from adreel.media.speech.tables import DAYS, MONTHS
from adreel.media.speech.tokens import Nearby, Reading

_CLOCK = r"(\d{1,2})(?::(\d\d))?([ap]\.?m)?"
_NAMED = "|".join([*DAYS, *DAYS.values(), *MONTHS, *MONTHS.values()])


def time(near: Nearby) -> Reading | None:
    """7:30 pm, 9am, 9am-5pm, 9-5pm, 24/7."""
    token, after = near.token, near.after
    if token.core == "24/7":
        return 1, ("twenty", "four", "seven"), True
    if match := re.fullmatch(rf"({_CLOCK})[-–]({_CLOCK})", token.core, re.IGNORECASE):
        last = _clock(match[5])
        first = _clock(match[1]) or (numbers.cardinal(int(match[1])) if match[8] and match[1].isdecimal() else None)
        return None if first is None or last is None else (1, (*first, "to", *last), True)
    words, count = _clock(token.core), 1
    half = after.lower.replace(".", "")
    if not token.tail and half in ("am", "pm") and re.fullmatch(r"\d{1,2}(?::\d\d)?", token.core):
        words, count = _clock(token.core + half), 2
    return None if words is None else (count, words, True)


def _clock(written: str) -> Words | None:
    match = re.fullmatch(_CLOCK, written, re.IGNORECASE)
    if match is None or not (match[2] or match[3]) or int(match[1]) > 24:
        return None
    minutes, half = int(match[2] or 0), match[3]
    words = numbers.cardinal(int(match[1]))
    words += () if not minutes else (("oh",) if minutes < 10 else ()) + numbers.cardinal(minutes)
    return (*words, half[0].upper(), "M") if half else words


def date(near: Nearby) -> Reading | None:
    """2026-12-24, 12/24/2026, 24.12.2026, Dec. 24, December 24th, 24 December."""
    token, after = near.token, near.after
    if whole := _whole_date(token.core):
        return 1, whole, True
    if not token.tail.replace(".", "") and (month := _month(token.core)) and (day := _day(after.core)):
        return 2, (month, *numbers.ordinal(day)), True
    if not token.tail and (day := _day(token.core)) and (month := _month(after.core)):
        return 2, ("the", *numbers.ordinal(day), "of", month), True
    return None


def _whole_date(written: str) -> Words | None:
    """A date in figures: with slashes the month comes first, as Americans write it, unless it is none."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", written):
        year, month, day = match[1], match[2], match[3]
    elif match := re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", written):
        month, day, year = match[1], match[2], match[3]
        if int(month) > 12:
            month, day = day, month
    elif match := re.fullmatch(r"(\d\d?)\.(\d\d?)\.(\d{4})", written):
        day, month, year = match[1], match[2], match[3]
    else:
        return None
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return (list(MONTHS.values())[int(month) - 1], *numbers.ordinal(int(day)), *numbers.year(int(year)))


def _month(written: str) -> str | None:
    """The month that is written, in full or as three letters with a capital."""
    name = MONTHS.get(written[:3].lower())
    return name if written[:1].isupper() and written.lower() in (name, (name or "")[:3], "sept") else None


def _day(written: str) -> int | None:
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", written)
    return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None


def days(near: Nearby) -> Reading | None:
    """Mon.-Fri., Jan–Mar; Sat. 10am."""
    token = near.token
    if match := re.fullmatch(rf"({_NAMED})\.?[-–]({_NAMED})", token.lower):
        first, last = _named(match[1]), _named(match[2])
        return 1, (first, "to", last), len(token.tail.removeprefix(".")) > 0
    if token.tail == "." and token.core[:1].isupper() and token.lower in DAYS and near.after.core[:1].isdigit():
        return 1, (DAYS[token.lower],), False
    return None


def _named(written: str) -> str:
    return {**DAYS, **MONTHS}.get(written, written)


def decade(near: Nearby) -> Reading | None:
    """1990s, 80s."""
    match = re.fullmatch(r"'?((?:1[1-9]|20)?\d0)'?s", near.token.core)
    if match is None or match[1] == "00":
        return None
    *first, last = numbers.year(int(match[1])) if len(match[1]) == 4 else numbers.cardinal(int(match[1]))
    return 1, (*first, f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"), True
