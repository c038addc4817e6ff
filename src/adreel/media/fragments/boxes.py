"""Boxes of fragmented MP4 (ISO/IEC 14496-12, 8.8; sample entries by 14496-14 and 14496-15). Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from adreel.domain.films.formats import SAMPLE_RATE, FrameSize
from adreel.media.segments.x264 import COLOR_BT709, TICKS_PER_FRAME, TIME_BASE

PICTURE, SOUND = 1, 2
"""Numbers of the tracks."""

AAC_FRAME = 1024

_TICKS = TIME_BASE.denominator
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4
"""The language code `und`."""

_KEY, _DEPENDENT = 0x02000000, 0x01010000
"""Sample flags: depends on no other sample; depends on others and is no entry point."""

_DATA_OFFSET, _SIZES, _FLAGS = 0x1, 0x200, 0x400
_BASE_IS_MOOF, _DURATION, _DEFAULT_FLAGS = 0x20000, 0x8, 0x20


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive samples of a track: `start` in its ticks, `sizes` in bytes, `keys` the samples that depend on no other one;
    None where that is true of all."""

    track: int
    start: int
    sizes: tuple[int, ...]
    keys: frozenset[int] | None = None


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def file_type() -> bytes:
    return box(b"ftyp", b"iso6", struct.pack(">I", 1), b"iso6", b"mp41")


def movie(size: FrameSize, header: bytes, frames: int, sound: bytes | None) -> bytes:
    """The index of a film of `frames`. `header` is the avcC of its picture, `sound` the AudioSpecificConfig of its AAC."""
    tracks = [_track(PICTURE, _TICKS, size, _picture_entry(size, header))]
    extends = [_extends(PICTURE)]
    if sound is not None:
        tracks.append(_track(SOUND, SAMPLE_RATE, None, _sound_entry(sound)))
        extends.append(_extends(SOUND))
    length = full_box(b"mehd", 0, 0, struct.pack(">I", frames * TICKS_PER_FRAME))
    times = struct.pack(">4I", 0, 0, _TICKS, 0)
    rest = struct.pack(">IH10x", 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">I", len(tracks) + 1)
    return box(b"moov", full_box(b"mvhd", 0, 0, times, rest), *tracks, box(b"mvex", length, *extends))


def _track(track: int, ticks: int, size: FrameSize | None, entry: bytes) -> bytes:
    width, height = (size.width, size.height) if size else (0, 0)
    volume = 0 if size else 0x100
    place = struct.pack(">8x4H", 0, 0, volume, 0) + _MATRIX + struct.pack(">2I", width << 16, height << 16)
    head = full_box(b"tkhd", 0, 3, struct.pack(">5I", 0, 0, track, 0, 0), place)
    times = full_box(b"mdhd", 0, 0, struct.pack(">4I2H", 0, 0, ticks, 0, _UNDETERMINED, 0))
    handler = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide" if size else b"soun"), b"\0")
    media = full_box(b"vmhd", 0, 1, bytes(8)) if size else full_box(b"smhd", 0, 0, bytes(4))
    data = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    return box(b"trak", head, box(b"mdia", times, handler, box(b"minf", media, data, _sample_table(entry))))


def _sample_table(entry: bytes) -> bytes:
    """Without samples: those are in the fragments."""
    empty = [full_box(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")]
    return box(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry), *empty, full_box(b"stsz", 0, 0, bytes(8)))


def _picture_entry(size: FrameSize, header: bytes) -> bytes:
    dots = 0x480000
    place = struct.pack(">6xH16x2H2I4xH32xHh", 1, size.width, size.height, dots, dots, 1, 24, -1)
    color = box(b"colr", b"nclx", struct.pack(">3HB", COLOR_BT709, COLOR_BT709, COLOR_BT709, 0))
    square = box(b"pasp", struct.pack(">2I", 1, 1))
    return box(b"avc1", place, box(b"avcC", header), color, square)


def _sound_entry(config: bytes) -> bytes:
    place = struct.pack(">6xH8x2H4xI", 1, 2, 16, SAMPLE_RATE << 16)
    decoder = _descriptor(4, struct.pack(">BB3x2I", 0x40, 0x15, 0, 0) + _descriptor(5, config))
    return box(
        b"mp4a",
        place,
        full_box(b"esds", 0, 0, _descriptor(3, struct.pack(">HB", 0, 0) + decoder + _descriptor(6, b"\2"))),
    )


def _descriptor(tag: int, content: bytes) -> bytes:
    return struct.pack(">BB", tag, len(content)) + content


def _extends(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">5I", track, 1, 0, 0, 0))


def fragment(number: int, runs: list[tuple[Run, bytes]]) -> bytes:
    """A fragment of runs with the bytes of their samples. `number` counts fragments from 1."""
    index = _index(number, [run for run, _ in runs], [0] * len(runs))
    begins = len(index) + 8
    offsets: list[int] = []
    for _, data in runs:
        offsets.append(begins)
        begins += len(data)
    return _index(number, [run for run, _ in runs], offsets) + box(b"mdat", *(data for _, data in runs))


def _index(number: int, runs: list[Run], offsets: list[int]) -> bytes:
    parts = [_track_run(run, offset) for run, offset in zip(runs, offsets, strict=True)]
    return box(b"moof", full_box(b"mfhd", 0, 0, struct.pack(">I", number)), *parts)


def _track_run(run: Run, offset: int) -> bytes:
    length = TICKS_PER_FRAME if run.track == PICTURE else AAC_FRAME
    head = full_box(
        b"tfhd",
        0,
        _BASE_IS_MOOF | _DURATION | _DEFAULT_FLAGS,
        struct.pack(">3I", run.track, length, _KEY),
    )
    time = full_box(b"tfdt", 1, 0, struct.pack(">Q", run.start))
    first = struct.pack(">Ii", len(run.sizes), offset)
    if run.keys is None:
        rows, flags = struct.pack(f">{len(run.sizes)}I", *run.sizes), _DATA_OFFSET | _SIZES
    else:
        kinds = [_KEY if place in run.keys else _DEPENDENT for place in range(len(run.sizes))]
        rows = b"".join(struct.pack(">2I", size, kind) for size, kind in zip(run.sizes, kinds, strict=True))
        flags = _DATA_OFFSET | _SIZES | _FLAGS
    return box(b"traf", head, time, full_box(b"trun", 0, flags, first, rows))


def event(scheme: str, message: bytes) -> bytes:
    """An event message (ISO/IEC 23009-1, 5.10.3.3), which players skip."""
    times = struct.pack(">4I", 1, 0, 0, 0)
    return full_box(b"emsg", 0, 0, scheme.encode() + b"\0", b"\0", times, message)
