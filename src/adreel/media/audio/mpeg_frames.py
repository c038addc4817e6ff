"""Finds MPEG audio frames (MP3, ADTS AAC) behind junk: tags with a wrong size, padding, the rest of a cut frame."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import BinaryIO

_UNTAGGED_BYTES = 2**16
_TAGGED_BYTES = 2**20
"""How far frames are searched. A tag with a cover may state a size that is wrong by the cover."""
_FRAMES = 8
"""Frames that must follow each other: other data look like one frame by chance, or like a few."""
_BIT_RATES = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s by version (3: MPEG-1, 2: MPEG-2 and 2.5) and layer (3: I, 2: II, 1: III), as coded (ISO/IEC 11172-3, 13818-3)."""
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_COUNTS, _BYTES = 1, 2
"""Flags of a Xing header: it holds the number of frames, and of bytes."""


@dataclass(frozen=True, slots=True)
class MpegSound:
    """``misses_frames``: the file counts its frames, and does not hold the bytes that it counts."""

    demuxer: str
    misses_frames: bool


def find(file: BinaryIO, start: int, size: int, *, is_tagged: bool) -> MpegSound | None:
    """The frames that begin at or soon after ``start``, or, of a tagged file, before it; None without frames."""
    begins = (start, 0) if is_tagged else (start,)
    for begin in begins:
        file.seek(begin)
        data = file.read(_TAGGED_BYTES if is_tagged else _UNTAGGED_BYTES)
        at = _first_frame(data, is_end=begin + len(data) >= size)
        if at is not None:
            demuxer = "aac" if _is_adts(data[at + 1]) else "mp3"
            return MpegSound(demuxer, _misses_frames(data[at : at + 256], size - begin - at))
    return None


def _first_frame(data: bytes, *, is_end: bool) -> int | None:
    at = data.find(b"\xff")
    while at >= 0:
        if _follows(data, at, is_end=is_end):
            return at
        at = data.find(b"\xff", at + 1)
    return None


def _follows(data: bytes, at: int, *, is_end: bool) -> bool:
    """Whether a frame begins here, and as many follow as must."""
    kind = data[at + 1 : at + 2]
    for found in count():
        length = frame_length(data[at : at + 8])
        if found == _FRAMES:
            return True
        if length is None or data[at + 1 : at + 2] != kind:
            return is_end and found > 1 and at >= len(data) - 1
        at += length
    return False


def frame_length(head: bytes) -> int | None:
    """The length in bytes of the frame with this header; None for other data, and free bit rates.

    A frame begins with eleven set bits; layer zero marks ADTS (ISO/IEC 13818-7).
    """
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if _is_adts(head[1]):
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        return length if head[1] & 0xF0 == 0xF0 and length > 7 else None
    version, layer, rate, frequency = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or frequency == 3:
        return None
    bits = _BIT_RATES[3 if version == 3 else 2, layer][rate - 1] * 1000
    return _frame_bytes(version, layer, bits, _SAMPLE_RATES[version][frequency], head[2] >> 1 & 1)


def _frame_bytes(version: int, layer: int, bits: int, frequency: int, padding: int) -> int:
    if layer == 3:
        return (12 * bits // frequency + padding) * 4
    samples = 576 if layer == 1 and version != 3 else 1152
    return samples // 8 * bits // frequency + padding


def _is_adts(second: int) -> bool:
    return second >> 1 & 3 == 0


def _misses_frames(frame: bytes, there: int) -> bool:
    """Whether the silent frame in which encoders count frames and bytes counts more than ``there`` bytes.

    Without a number of bytes the number of frames is believed. A file may hold more than is counted: tags at its end.
    """
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0:
        return False
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & _BYTES:
        return bool(flags & _COUNTS)
    counted = at + 8 + (4 if flags & _COUNTS else 0)
    return int.from_bytes(frame[counted : counted + 4], "big") > there
