"""Reads the length of a WebP file from its chunks, whatever its header says."""

from __future__ import annotations

from typing import BinaryIO

from adreel.media.photos.parts import Parts, size_of
from adreel.media.photos.spliced import Span

_HEADER = 12
"""RIFF, the length of all that follows, WEBP (RFC 9649, section 2.4)."""
_CHUNK = 8
_MOST_CHUNKS = 10_000


def is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def read_webp(file: BinaryIO) -> Parts:
    """The file with the length of its whole chunks: the decoder refuses one whose header claims more."""
    size = size_of(file)
    end = _end_of_chunks(file, size)
    return Parts((b"RIFF", (end - _CHUNK).to_bytes(4, "little"), Span(_CHUNK, size - _CHUNK)))


def _end_of_chunks(file: BinaryIO, size: int) -> int:
    """The offset behind the last whole chunk; that of the file's end when none is whole."""
    end = _HEADER
    for _ in range(_MOST_CHUNKS):
        file.seek(end)
        head = file.read(_CHUNK)
        length = int.from_bytes(head[4:], "little")
        following = end + _CHUNK + length + length % 2
        if len(head) < _CHUNK or end + _CHUNK + length > size or not head[:4].isascii():
            break
        end = min(following, size)
    return end if end > _HEADER else size
