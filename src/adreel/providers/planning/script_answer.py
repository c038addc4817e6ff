"""Reads the beats of a script from what a language model wrote: untrusted, held to the same rules as a script by people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adreel.domain.ad import Ad
from adreel.domain.errors import InputError
from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.scripts.ad_format.reading import LONGEST_FACT, LONGEST_TEXT, MAX_WORDS, read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.providers.planning.json_text import Object, folded, json_values, objects_in

MOST_BEATS = 12
_MOST_FAULTS = 12


@dataclass(frozen=True, slots=True)
class ReadScript:
    """`ad` is None when the answer is of no use; `faults` say why in words, for the model and for people."""

    ad: Ad | None
    faults: tuple[str, ...] = ()


def read_script(text: str, ruled: Ad) -> ReadScript:
    """The script in an answer, in any wrapping. Only its beats are taken: names, facts, offer, end card and length are those of
    `ruled`, so that an answer cannot bring a source for its own claims. Never raises.
    """
    found = _beat_entries(text)
    if not found:
        return ReadScript(None, ('there is no JSON object with a list "beats" in the answer',))
    beats = [_beat(number, entry, len(ruled.photos)) for number, entry in enumerate(found, start=1)]
    try:
        ad = read_ad({**to_document(ruled), "beats": _named_apart(beats)}, "the answer")
    except InputError as error:
        return ReadScript(None, (str(error),))
    faults = tuple(_claims(ad))[:_MOST_FAULTS]
    return ReadScript(None if faults else ad, faults)


def _claims(ad: Ad) -> Iterator[str]:
    """One message for each beat with a claim that has no source."""
    for beat in ad.beats:
        try:
            check_ad(replace(ad, beats=(beat,)))
        except InputError as error:
            yield str(error)


def _beat_entries(text: str) -> list[Object]:
    """The last list of beats counts, as models correct themselves."""
    tables = [table for value in json_values(text) for table in objects_in(value)]
    lists = [cast("list[object]", table["beats"]) for table in tables if isinstance(table.get("beats"), list)]
    for beats in reversed(lists):
        entries = [cast("Object", beat) for beat in beats if isinstance(beat, dict)]
        if entries:
            return entries[:MOST_BEATS]
    return []


def _beat(number: int, entry: Object, photos: int) -> dict[str, object]:
    """A beat as the format has it. Values of the wrong type and unknown names are left out; other fields are passed over."""
    nested = entry.get("shot")
    given = {**entry, **cast("Object", nested)} if isinstance(nested, dict) else entry
    words = entry.get("words")
    entries = cast("list[object]", words) if isinstance(words, list) else []
    said = [cast("Object", each) for each in entries[:MAX_WORDS] if isinstance(each, dict)]
    return {
        "name": _text(entry.get("name"), LONGEST_TEXT) or f"beat {number}",
        "shot": _shot(number, given, photos),
        "words": [_words(each) for each in said if _text(each.get("text"), 1)],
        "spoken": _text(entry.get("spoken"), LONGEST_FACT),
    }


def _shot(number: int, given: Mapping[str, object], photos: int) -> dict[str, object]:
    photo, count = given.get("photo"), max(1, photos)
    is_number = isinstance(photo, int) and not isinstance(photo, bool) and 1 <= photo <= count
    shot: dict[str, object] = {"photo": photo if is_number else (number - 1) % count + 1}
    choices: tuple[tuple[str, Sequence[str]], ...] = (("framing", list(ViewType)), ("camera", list(CameraMovement)))
    shot |= {name: str(given[name]) for name, known in choices if given.get(name) in known}
    intensity = given.get("intensity")
    if isinstance(intensity, int | float) and not isinstance(intensity, bool) and math.isfinite(intensity):
        shot["intensity"] = min(1.0, max(0.0, float(intensity)))
    return shot


def _words(entry: Object) -> dict[str, object]:
    struck = _text(entry.get("struck"), LONGEST_TEXT)
    return {
        "role": entry.get("role"),
        "text": _text(entry.get("text"), LONGEST_TEXT),
        **({"struck": struck} if struck else {}),
    }


def _text(value: object, longest: int) -> str:
    return folded(value, longest) if isinstance(value, str) else ""


def _named_apart(beats: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Gives beats of the same name numbers."""
    seen: set[object] = set()
    for number, beat in enumerate(beats, start=1):
        if beat["name"] in seen:
            beat["name"] = f"{beat['name']} {number}"
        seen.add(beat["name"])
    return list(beats)
