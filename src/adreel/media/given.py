"""Clips made elsewhere, examined before anything is rendered."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.clip import Clip
from adreel.domain.ports import CancelCheck
from adreel.media.conform import check_hdr
from adreel.media.probe import probe_clip, verify_decodes


def examine_clip(path: Path, clip_id: str, ffmpeg: Path, cancel: CancelCheck) -> Clip:
    """The clip at `path`, decoded once from end to end. Raises ClipError, which names the file, for one that is no use."""
    info = probe_clip(path)
    check_hdr(path, info, ffmpeg)
    verdict = verify_decodes(path, info, ffmpeg=ffmpeg, cancel=cancel)
    return Clip(clip_id, info.film_frames, source=path, may_stand_still=verdict.stands_still)
