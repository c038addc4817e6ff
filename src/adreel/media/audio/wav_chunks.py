"""Decides how far the lengths in a WAV file's header can be believed. Recorders and pipes leave placeholders and wrong ones."""

from __future__ import annotations

from enum import Enum, auto
from typing import BinaryIO

_PLACEHOLDERS_FROM = 0x7FFF0000
"""Lengths from here are placeholders of programs that write to a pipe (2^31 - 1, 2^32 - 1, each less some header bytes): no
music file that adreel reads is that long."""
_MOST_CHUNKS = 1000


class WavLength(Enum):
    """STATED: the header fits the file. UNKNOWN: it does not, and the sound lasts to the end. MISSING: the file is cut short."""

    STATED = auto()
    UNKNOWN = auto()
    MISSING = auto()


def wav_length(file: BinaryIO, start: int, size: int) -> WavLength:
    """Compares the lengths in a WAV file of ``size`` bytes, whose RIFF header is at ``start``, with the file."""
    whole = _number(file, start + 4)
    data = _data_chunk(file, start + 12, size)
    if data is None:
        return WavLength.STATED
    at, length = data
    file.seek(start)
    if file.read(4) == b"RF64":
        return WavLength.STATED
    if length == 0 or length >= _PLACEHOLDERS_FROM:
        return WavLength.UNKNOWN
    if at + length <= size + 1:
        return WavLength.STATED if _ends_well(file, at + length, size) else WavLength.UNKNOWN
    # One of two lengths that fits the file exactly is right, and then the other is wrong.
    return WavLength.UNKNOWN if start + 8 + whole in (size, size - 1) else WavLength.MISSING


def _data_chunk(file: BinaryIO, at: int, size: int) -> tuple[int, int] | None:
    """Offset and stated length of the samples; None when there are none."""
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        name, length = file.read(4), _number(file, at + 4)
        if name == b"data" and at + 8 <= size:
            return at + 8, length
        if len(name) < 4:
            return None
        at += 8 + length + length % 2
    return None


def _ends_well(file: BinaryIO, end: int, size: int) -> bool:
    """Whether the file ends where the samples do, or goes on with a chunk or with zeros: else these are samples too."""
    file.seek(end + end % 2)
    rest = file.read(8)
    name, length = rest[:4], int.from_bytes(rest[4:], "little")
    return len(rest) < 8 or not any(rest) or (_is_name(name) and end + 8 + length <= size + 1)


def _is_name(name: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in name)


def _number(file: BinaryIO, at: int) -> int:
    file.seek(at)
    return int.from_bytes(file.read(4), "little")
