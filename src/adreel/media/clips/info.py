"""Facts of an external clip, derived from raw stream data. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import median

from adreel.domain.films.formats import to_frames

_STEADY = Fraction(5, 2000)
"""Frame intervals that differ by up to 2.5 ms count as constant: Matroska rounds timestamps to whole milliseconds."""

_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
"""Matrix codes (ITU-T H.273, table 4) and their names in FFmpeg's scale filter."""

PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    11: "smpte431",
    12: "smpte432",
    22: "jedec-p22",
}
"""Primaries codes (ITU-T H.273, table 2) and their names in FFmpeg's filters."""

TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
}
"""Transfer codes of SDR (ITU-T H.273, table 3) and their names in FFmpeg's colorspace filter."""

_LARGEST_SD = (1279, 576)
"""Width and height. Untagged pictures count as BT.601 up to this size, as BT.709 beyond."""


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """Facts of one clip. `width` and `height` are as displayed: square pixels, upright.

    `start` and `duration` are those of the video stream, in seconds; `frames` counts its pictures by the container, without
    decoding. `decoder` is set when FFmpeg's default would lose the transparency. `matrix` is None for RGB. `hdr_transfer` is
    FFmpeg's name of the PQ or HLG curve, None for SDR. `primaries` and `transfer` are FFmpeg's names of the primaries and of
    an SDR curve, None when untagged. `needs_copy`: recordings are joined in the file, or it begins between key pictures; the
    times and counts hold only for a copy (see `rewriting`).
    """

    container: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    sar: Fraction
    rotation: int
    fps: Fraction | None
    is_vfr: bool
    frames: int
    start: Fraction
    duration: float
    codec: str
    decoder: str | None
    pix_fmt: str
    bit_depth: int
    has_alpha: bool
    interlaced: bool
    full_range: bool
    matrix: str | None
    hdr_transfer: str | None
    has_audio: bool
    video_stream_index: int
    audio_stream_index: int | None
    primaries: str | None = None
    transfer: str | None = None
    needs_copy: bool = False

    @property
    def hdr(self) -> bool:
        return self.hdr_transfer is not None

    @property
    def film_frames(self) -> int:
        """Length in film frames; at least one."""
        return max(1, to_frames(self.duration))


@dataclass(slots=True)
class Timing:
    """Collects the timestamps of a stream's pictures, in seconds, in any order."""

    times: list[Fraction] = field(default_factory=list)
    ends: list[Fraction] = field(default_factory=list)

    def add(self, time: Fraction, duration: Fraction) -> None:
        """`duration` is 0 when the container does not state it."""
        self.times.append(time)
        if duration > 0:
            self.ends.append(time + duration)

    def begin_at(self, time: Fraction) -> None:
        """Discards the pictures before `time`."""
        self.times = [other for other in self.times if other >= time]

    @property
    def frames(self) -> int:
        return len(self.times)

    @property
    def start(self) -> Fraction:
        return min(self.times)

    def duration(self, frame_time: Fraction) -> Fraction:
        """From the first picture to the end of the last; `frame_time` is the fallback for unknown durations."""
        last = max(self.times)
        end = max([last, *self.ends])
        return (end if end > last else last + (self._step() or frame_time)) - self.start

    def is_vfr(self) -> bool:
        typical = self._step()
        return typical is not None and any(abs(step - typical) > _STEADY for step in self._steps())

    def fps(self) -> Fraction | None:
        """Mean rate; None for a single picture."""
        span = max(self.times) - self.start
        return (Fraction(self.frames - 1) / span).limit_denominator(1001) if span else None

    def _step(self) -> Fraction | None:
        steps = self._steps()
        return Fraction(median(steps)) if steps else None

    def _steps(self) -> list[Fraction]:
        times = sorted(self.times)
        return [later - earlier for earlier, later in pairwise(times)]


def displayed_size(width: int, height: int, sar: Fraction, rotation: int) -> tuple[int, int]:
    """Size in square pixels, upright, of a picture of `width` x `height` stored pixels of aspect `sar`."""
    size = max(1, round(width * sar)), height
    return (size[1], size[0]) if rotation % 180 == 90 else size


def matrix_name(code: int, *, rgb: bool, jpeg: bool, size: tuple[int, int], hdr: bool = False) -> str | None:
    """The colour matrix; BT.2020 for HDR, else derived from the stored size, as players do, when untagged. None for RGB."""
    if rgb:
        return None
    if hdr:
        return _MATRICES.get(code, "bt2020")
    is_sd = all(side <= limit for side, limit in zip(size, _LARGEST_SD, strict=True))
    return _MATRICES.get(code, "bt601" if jpeg or is_sd else "bt709")
