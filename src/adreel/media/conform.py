"""Turns a clip made elsewhere into a segment: picture and, where it has any, its own sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adreel.domain.errors import ClipError, RenderError
from adreel.domain.fit import Fit
from adreel.domain.formats import FrameSize, to_seconds
from adreel.domain.ports import CancelCheck
from adreel.media import ffmpeg_args
from adreel.media.clip_info import ClipInfo
from adreel.media.ffmpeg import Limits, capabilities, filters_packets, run
from adreel.media.thinning import spare_packets

_SECONDS_PER_SECOND = 120
"""Two decoded 8K streams in one clip, on one old core, stay under this; a process that hangs does not."""


def conform(
    source: Path,
    info: ClipInfo,
    out_video: Path,
    out_sound: Path | None,
    *,
    size: FrameSize,
    frames: int,
    fit: Fit,
    ffmpeg: Path,
    threads: int = 1,
    on_frame: Callable[[int], None] | None = None,
    cancel: CancelCheck | None = None,
) -> None:
    """Writes a closed segment of exactly `frames` pictures and, unless `out_sound` is None, as much WAV sound.

    Blocks; may run in several threads at once. What `on_frame` or `cancel` raises stops the work and passes through.
    Raises ClipError for a clip that cannot be used, RenderError when ffmpeg fails on a clip that was found whole.
    """
    check_hdr(source, info, ffmpeg)
    limits = work_limits(info, frames)
    left_out = _left_out(source, info, frames, ffmpeg)
    args = ffmpeg_args.conform_args(ffmpeg, source, info, out_video, size, frames, fit, threads, left_out)
    made = run(args, limits=limits, on_frame=on_frame, cancel=cancel).frames
    if made != frames:
        raise RenderError(f"{source} gave {made} frames instead of {frames}; export it again")
    if out_sound is not None:
        conform_sound(source, info, out_sound, frames=frames, ffmpeg=ffmpeg, cancel=cancel)


def _left_out(source: Path, info: ClipInfo, frames: int, ffmpeg: Path) -> tuple[int, ...]:
    """Packets that are not decoded: those that can be spared, by an ffmpeg that can leave them out."""
    spare = spare_packets(source, info, frames)
    return spare if spare and filters_packets(ffmpeg) else ()


def conform_sound(
    source: Path, info: ClipInfo, out: Path, *, frames: int, ffmpeg: Path, cancel: CancelCheck | None = None
) -> None:
    """Writes the sound of a clip that has any, as WAV, exactly `frames` long. Raises ToolError."""
    run(ffmpeg_args.sound_args(ffmpeg, source, info, out, frames), limits=work_limits(info, frames), cancel=cancel)


def work_limits(info: ClipInfo, frames: int) -> Limits:
    """What a process may use that makes `frames` frames of a clip."""
    return Limits(seconds=60 + _SECONDS_PER_SECOND * max(info.duration, to_seconds(frames)))


def check_hdr(source: Path, info: ClipInfo, ffmpeg: Path) -> None:
    """Raises ClipError for an HDR clip that this ffmpeg cannot bring to SDR."""
    if info.hdr and not capabilities(ffmpeg).can_tone_map:
        raise ClipError(f"{source} is HDR, which {ffmpeg} cannot tone-map; use an ffmpeg with zscale, or an SDR clip")
