"""The pictures of a drawn shot, with its words, logo and captions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from adreel.domain.ad import USUAL_STYLE
from adreel.domain.films.subject import Subject
from adreel.domain.ports import FrameEngine, Shot
from adreel.media import thumbnails
from adreel.media.overlays.burned import BurnedCaptions, captioned_frames
from adreel.media.overlays.caption_style import caption_style
from adreel.media.overlays.footage import footage_of
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, Overlay, plan_overlay
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


def pictures_of(engine: FrameEngine, shot: Shot) -> Iterator[YuvFrame]:
    """The frames of a shot. Raises TextError for words and captions that cannot be shown or read."""
    if not shot.has_overlay and not shot.captions:
        return engine.frames(shot)
    footage = footage_of(engine, shot)
    overlay = plan_overlay(captioned_of(shot, shot.frames), footage) if shot.has_overlay else None
    frames = iter(footage.frames()) if overlay is None else overlay.over(footage.frames())
    burned = burned_of(shot, overlay, footage.subject)
    if burned is not None:
        frames = captioned_frames(burned, frames)
    return frames if overlay is None else WordedFrames(overlay.words, frames)


def middle_of(engine: FrameEngine, shot: Shot) -> bytes:
    """The middle frame as a small WebP."""
    return thumbnails.of_frame(next(islice(pictures_of(engine, shot), shot.frames // 2, None)))


def captioned_of(shot: Shot, frames: int) -> Captioned:
    """The words of a shot of `frames` frames. Raises InputError for an unknown style."""
    return Captioned(shot.words, text_style(shot.text_style or USUAL_STYLE), shot.size, frames, mark=shot.mark)


def burned_of(shot: Shot, overlay: Overlay | None, subject: Subject | None) -> BurnedCaptions | None:
    """The captions of a shot, clear of its words and the label of its subject; None without any. Raises as `BurnedCaptions`
    does."""
    if not shot.captions:
        return None
    boxes = () if overlay is None else overlay.boxes
    return BurnedCaptions(shot.captions, caption_style(shot.caption_style), shot.size, boxes, subject)
