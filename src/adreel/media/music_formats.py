"""Tells a music file's format by its bytes, so that FFmpeg is never left to guess (a guess could be a playlist)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

READABLE = "WAV, MP3, M4A, AAC, OGG, Opus and FLAC"

_HEAD_BYTES = 64
_ID3_HEADER = 10
_OGG_HEADER = 27
_OGG_PAGE = 65_307
"""The longest page that Ogg allows (RFC 3533)."""
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""What programs that write WAV to a pipe put where the size belongs."""


@dataclass(frozen=True, slots=True)
class MusicFormat:
    """``demuxer``: FFmpeg's name. ``declares_length``: the file says how long it plays. ``cut_short``: its end is missing."""

    demuxer: str
    declares_length: bool
    cut_short: bool


def sniff(file: BinaryIO, size: int) -> MusicFormat | None:
    """The format of an open file of ``size`` bytes; None for playlists, pictures, text and everything else."""
    file.seek(_id3_size(file.read(_HEAD_BYTES)))
    head = file.read(_HEAD_BYTES)
    demuxer = demuxer_of(head)
    if demuxer is None:
        return None
    declares_length = demuxer in ("wav", "flac", "mov", "ogg") or _has_frame_count(head)
    return MusicFormat(demuxer, declares_length, _cut_short(file, size, demuxer, head))


def demuxer_of(head: bytes) -> str | None:
    """The FFmpeg demuxer for sound that begins with ``head`` (any ID3 tag already passed); None for all else."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    for prefix, demuxer in ((b"fLaC", "flac"), (b"OggS", "ogg")):
        if head.startswith(prefix):
            return demuxer
    if head[4:8] == b"ftyp":
        return "mov"
    return _mpeg(head)


def _mpeg(head: bytes) -> str | None:
    """An MPEG audio frame begins with eleven set bits; layer zero marks ADTS (ISO/IEC 11172-3, 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    return "mp3" if head[2] >> 4 != 0xF and head[2] >> 2 & 3 != 3 else None


def _has_frame_count(head: bytes) -> bool:
    """Whether an MP3's first frame is the silent one that encoders use to tell the number of frames."""
    return b"Xing" in head or b"Info" in head


def _id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the start, header included; its size is written in seven bits of each byte."""
    if not head.startswith(b"ID3") or len(head) < _ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:_ID3_HEADER]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEADER + size


def _cut_short(file: BinaryIO, size: int, demuxer: str, head: bytes) -> bool:
    if demuxer == "wav":
        declared = int.from_bytes(head[4:8], "little")
        return head.startswith(b"RIFF") and declared not in _UNKNOWN_SIZES and declared + 8 > size + 1
    if demuxer == "ogg":
        file.seek(max(0, size - _OGG_PAGE))
        return _page_missing(file.read(_OGG_PAGE))
    return False


def _page_missing(tail: bytes) -> bool:
    """Whether the last Ogg page goes on after the file's end: the sum of its segments is its length (RFC 3533)."""
    start = tail.rfind(b"OggS")
    if start < 0 or len(tail) < start + _OGG_HEADER:
        return True
    segments = tail[start + _OGG_HEADER - 1]
    table = tail[start + _OGG_HEADER : start + _OGG_HEADER + segments]
    return len(tail) < start + _OGG_HEADER + segments + sum(table)
