"""Which bytes of a file a request asks for (RFC 9110, 14). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """`start` to `end` in bytes, `end` not included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class NoSuchBytesError(Exception):
    """None of the bytes asked for is in the file."""


def wanted_span(header: str | None, size: int) -> Span | None:
    """The part that is asked for; None for the whole file.

    What cannot be read counts for nothing, and several parts at once are answered by the whole, as servers may.
    Raises NoSuchBytesError.
    """
    match = _ONE.fullmatch(header) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return _last(int(match[2]), size)
    start, end = int(match[1]), int(match[2]) + 1 if match[2] else size
    if end <= start and match[2]:
        return None
    if start >= size:
        raise NoSuchBytesError
    return Span(start, min(end, size))


def _last(count: int, size: int) -> Span:
    if count == 0 or size == 0:
        raise NoSuchBytesError
    return Span(max(0, size - count), size)


def is_same(if_range: str | None, etag: str) -> bool:
    """False when the request wants a part only of another version of the file. Dates never count as the same."""
    return if_range is None or if_range.strip() == etag


def is_known(if_none_match: str | None, etag: str) -> bool:
    """True when the client has this version already."""
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in known or etag in known
