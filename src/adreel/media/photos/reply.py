"""Parses the output of a reader process: one line of JSON, then the pixels. Validates everything: the process handled an
untrusted file.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from adreel.domain.errors import PhotoError
from adreel.domain.json_text import read_json
from adreel.media.photos.opening import MAX_PIXELS
from adreel.media.photos.pixels import PhotoInfo, Pixels

_LONGEST_LINE = 8192
_FORMATS = frozenset({"JPEG", "MPO", "PNG", "WEBP", "AVIF", "HEIF"})
_DIGEST_LENGTH = 64


class Reply:
    """Parses the output in chunks as it arrives. `side` limits the size of the picture."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._line = bytearray()
        self._facts: dict[str, object] | None = None
        self._pixels = bytearray()
        self._filled = 0

    def feed(self, chunk: bytes) -> None:
        """Adds a chunk. Raises PhotoError for invalid output."""
        if self._facts is None:
            head, end, chunk = chunk.partition(b"\n")
            self._line += head
            if len(self._line) > _LONGEST_LINE:
                raise _invalid()
            if not end:
                return
            self._begin()
        self._fill(chunk)

    def read(self, path: Path) -> tuple[PhotoInfo, Pixels | None]:
        """The photo; pixels are None when only verified. Raises PhotoError as the reader reported it, or for invalid output."""
        if self._facts is None or self._filled != len(self._pixels):
            raise PhotoError(f"{path} could not be read to its end; export or copy it again")
        reason = self._facts.get("refused")
        if isinstance(reason, str):
            raise PhotoError(reason)
        return self._info(), self._picture()

    def _begin(self) -> None:
        try:
            facts = read_json(bytes(self._line))
        except ValueError as error:
            raise _invalid() from error
        if not isinstance(facts, dict):
            raise _invalid()
        self._facts = cast("dict[str, object]", facts)
        width, height = self._size()
        self._pixels = bytearray(width * height * (4 if self._facts.get("alpha") is True else 3))

    def _fill(self, chunk: bytes) -> None:
        if self._filled + len(chunk) > len(self._pixels):
            raise _invalid()
        self._pixels[self._filled : self._filled + len(chunk)] = chunk
        self._filled += len(chunk)

    def _size(self) -> tuple[int, int]:
        """Width and height of the following picture; zeros when there is none."""
        width, height = self._number("width", self._side), self._number("height", self._side)
        return width, height

    def _number(self, name: str, limit: int) -> int:
        value = (self._facts or {}).get(name, 0)
        if not isinstance(value, int) or not 0 <= value <= limit:
            raise _invalid()
        return value

    def _info(self) -> PhotoInfo:
        facts = self._facts or {}
        kind, digest = facts.get("format"), facts.get("digest")
        if kind not in _FORMATS or not isinstance(kind, str) or not isinstance(digest, str):
            raise _invalid()
        if len(digest) != _DIGEST_LENGTH:
            raise _invalid()
        width, height = self._number("full_width", MAX_PIXELS), self._number("full_height", MAX_PIXELS)
        return PhotoInfo(width, height, kind, facts.get("has_alpha") is True, digest, self._note())

    def _note(self) -> str:
        note = (self._facts or {}).get("note", "")
        if not isinstance(note, str) or not (note.isprintable() and len(note) <= _LONGEST_LINE):
            raise _invalid()
        return note

    def _picture(self) -> Pixels | None:
        width, height = self._size()
        if not width or not height:
            return None
        colours = width * height * 3
        view = memoryview(self._pixels).toreadonly()
        return Pixels(width, height, view[:colours], view[colours:] if len(self._pixels) > colours else None)


def _invalid() -> PhotoError:
    return PhotoError("the photo reader returned invalid data; export the photo again as JPEG or PNG")
