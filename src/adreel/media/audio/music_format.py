"""Detects the format of a music file by its bytes, and whether its end is missing, without decoding.

Players skip what stands before the sound, and believe a header only as far as the file bears it out; so does this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from adreel.media.audio import mpeg_frames
from adreel.media.audio.wav_chunks import WavLength, wav_length

_HEAD_BYTES = 256
_ID3_HEADER = 10
_MOST_TAGS = 16
_OGG_HEADER = 27
_OGG_PAGE = 65_307
"""The longest page that Ogg allows (RFC 3533)."""
_OGG_FIRST = b"OggS\0\2"
"""A page of version 0 that begins a stream."""
_FLAC = b"fLaC"


@dataclass(frozen=True, slots=True)
class MusicFormat:
    """``demuxer``: FFmpeg's name, and its ``options``. ``declares_length``: the file states its duration, and its end need
    not be missing when less is there. ``cut_short``: its end is missing."""

    demuxer: str
    declares_length: bool
    cut_short: bool
    options: tuple[tuple[str, str], ...] = ()


def sniff(file: BinaryIO, size: int) -> MusicFormat | None:
    """The format of an open file of ``size`` bytes; None for playlists, pictures, text and all other files."""
    start = _after_tags(file)
    file.seek(start)
    head = file.read(_HEAD_BYTES)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return _wav(file, start, size)
    if head.startswith(_FLAC):
        return MusicFormat("flac", declares_length=True, cut_short=False)
    if head.startswith(b"OggS") or _begins_later(file, start):
        return MusicFormat("ogg", declares_length=True, cut_short=_page_missing(file, size))
    if head[4:8] == b"ftyp":
        return MusicFormat("mov", declares_length=True, cut_short=False)
    return _mpeg(file, start, size)


def _after_tags(file: BinaryIO) -> int:
    """Where the sound starts by the ID3v2 tags before it, of which some programs write several."""
    start = 0
    for _ in range(_MOST_TAGS):
        file.seek(start)
        size = _id3_size(file.read(_ID3_HEADER))
        if not size:
            break
        start += size
    return start


def _id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the start, including its header; the size uses seven bits of each byte. 0 without a tag."""
    if not head.startswith(b"ID3") or len(head) < _ID3_HEADER:
        return 0
    size = 0
    for byte in head[6:_ID3_HEADER]:
        size = size << 7 | byte & 0x7F
    return _ID3_HEADER + size


def _wav(file: BinaryIO, start: int, size: int) -> MusicFormat:
    length = wav_length(file, start, size)
    to_end = (("ignore_length", "1"),) if length is WavLength.UNKNOWN else ()
    return MusicFormat("wav", length is WavLength.STATED, length is WavLength.MISSING, to_end)


def _mpeg(file: BinaryIO, start: int, size: int) -> MusicFormat | None:
    """Sound in MPEG frames, which may begin a little before or after the end of a tag whose size is wrong."""
    found = mpeg_frames.find(file, start, size, is_tagged=start > 0)
    if found is None:
        return None
    return MusicFormat(found.demuxer, found.misses_frames, cut_short=False)


def _begins_later(file: BinaryIO, start: int) -> bool:
    """Whether the first Ogg page stands behind other data, which FFmpeg skips up to the length of a page."""
    file.seek(start)
    return _OGG_FIRST in file.read(_OGG_PAGE)


def _page_missing(file: BinaryIO, size: int) -> bool:
    """Whether the last Ogg page extends beyond the file's end: its length is the sum of its segments (RFC 3533)."""
    file.seek(max(0, size - _OGG_PAGE))
    tail = file.read(_OGG_PAGE)
    start = tail.rfind(b"OggS")
    if start < 0 or len(tail) < start + _OGG_HEADER:
        return True
    segments = tail[start + _OGG_HEADER - 1]
    table = tail[start + _OGG_HEADER : start + _OGG_HEADER + segments]
    return len(tail) < start + _OGG_HEADER + segments + sum(table)
