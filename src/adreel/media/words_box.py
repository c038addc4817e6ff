"""Keeps the places of a film's words in its MP4 file, so that they are known wherever the film goes.

A program that writes the film anew drops the box, as it may change the picture: then the places are not known any more.
"""

from __future__ import annotations

import json
import struct
from itertools import islice
from pathlib import Path
from typing import Any, cast

from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import Words, read_plain, to_plain
from adreel.media.checks import top_level_box_places

_BOX = bytes.fromhex("6f1c9f0c2d1a4e0f9b5761647265656c")
"""UUID of the box (ISO/IEC 14496-12, 4.2), of adreel's own."""

_VERSION = 1
_LARGEST = 256 * 1024
_MOST_WORDS = 2000
_MOST_BOXES = 500
"""Top-level boxes that are looked at: films have about ten, and one may be made to have millions."""


def add_words(film: Path, size: FrameSize, words: Words) -> None:
    """Appends the box to a film: nothing before it moves. Raises OSError."""
    document = {"version": _VERSION, "width": size.width, "height": size.height, "words": to_plain(words)}
    content = _BOX + json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(content), b"uuid") + content)


def read_words(film: Path, size: FrameSize) -> Words | None:
    """The words of a film that is shown in this size; None where they are not known. Any file may be given. Raises OSError."""
    with film.open("rb") as file:
        for place in islice(top_level_box_places(film), _MOST_BOXES):
            if place.kind == b"uuid" and place.length <= _LARGEST:
                file.seek(place.offset)
                content = file.read(place.length)[8:]
                if content.startswith(_BOX):
                    return _parsed(content[len(_BOX) :], size)
    return None


def _parsed(content: bytes, size: FrameSize) -> Words | None:
    try:
        document: Any = json.loads(content)
        if not isinstance(document, dict):
            return None
        facts = cast("dict[str, Any]", document)
        if (facts.get("version"), facts.get("width"), facts.get("height")) != (_VERSION, size.width, size.height):
            return None
        stored = facts.get("words")
        return read_plain(cast("list[Any]", stored)[:_MOST_WORDS]) if isinstance(stored, list) else None
    except (ValueError, RecursionError):
        return None
