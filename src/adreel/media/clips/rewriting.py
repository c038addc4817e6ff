"""Rewrites clips that change on the way, so that everything else reads one steady stream.

Recordings that were joined, or begin between key pictures, are copied packet by packet, with timestamps that go on. Clips whose
picture or sound changes its format are decoded and encoded again, as good as lossless.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from adreel.domain.errors import ClipError, ToolError
from adreel.domain.ports import CancelCheck
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.probe import Changes
from adreel.media.ffmpeg import args as ffmpeg_args
from adreel.media.ffmpeg.process import Limits, run

COPY_SUFFIX, STEADY_SUFFIX = ".ts", ".mkv"
_SECONDS_PER_SECOND = 40
"""Time limit in seconds per second of clip: decoding and encoding 4K on one old core."""


def copy_packets(path: Path, info: ClipInfo, out: Path, ffmpeg: Path, cancel: CancelCheck) -> None:
    """Writes a transport stream from the first key picture on. Raises ClipError when the packets cannot be copied."""
    write = ffmpeg_args.copy_args
    _written(path, out, lambda temporary: write(ffmpeg, path, info, temporary), Limits(seconds=600), cancel)


def make_steady(path: Path, info: ClipInfo, changes: Changes, out: Path, ffmpeg: Path, cancel: CancelCheck) -> None:
    """Writes a clip of one picture size, pixel format and sound format. Raises ClipError."""
    if changes.picture and info.has_alpha:
        raise ClipError(
            f"{path} is transparent and its picture changes its format midway; export it again as one piece"
        )
    size = changes.canvas(info)
    limits = Limits(seconds=60 + _SECONDS_PER_SECOND * info.duration)
    _written(path, out, lambda temporary: ffmpeg_args.steady_args(ffmpeg, path, info, size, temporary), limits, cancel)


def _written(path: Path, out: Path, command: Callable[[Path], list[str]], limits: Limits, cancel: CancelCheck) -> None:
    """Writes `out` by way of a temporary file, so that an interrupted run leaves none."""
    temporary = out.with_name(f".{uuid.uuid4().hex}{out.suffix}")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        run(command(temporary), limits=limits, cancel=cancel)
        temporary.replace(out)
    except ToolError as error:
        raise ClipError(
            f"{path} changes on the way, and cannot be made one piece ({error}); export it again as one piece"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
