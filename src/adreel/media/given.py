"""Clips made elsewhere, examined before anything is rendered."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.clip import Clip
from adreel.media.probe import probe_clip, verify_decodes


def examine_clip(path: Path, clip_id: str, ffmpeg: Path) -> Clip:
    """The clip at `path`, decoded once from end to end. Raises ClipError, which names the file, for a broken one."""
    info = probe_clip(path)
    verify_decodes(path, info, ffmpeg=ffmpeg)
    return Clip(clip_id, info.film_frames, source=path)
