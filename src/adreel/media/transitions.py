"""Crossfades: only their own frames are drawn and encoded; the neighbours keep theirs bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2

from adreel.domain.clip import Segment
from adreel.domain.formats import TRANSITION_FRAMES
from adreel.media.decode import decode_frames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


def crossfade_frames(left: Segment, right: Segment) -> Iterator[YuvFrame]:
    """TRANSITION_FRAMES pictures that lead from the end of `left` into the beginning of `right`."""
    tail = decode_frames(left.video, left.frames - TRANSITION_FRAMES, left.frames)
    head = decode_frames(right.video, 0, TRANSITION_FRAMES)
    for index, (old, new) in enumerate(zip(tail, head, strict=True)):
        share = weight(index)
        yield cv2.addWeighted(old, 1 - share, new, share, 0).astype("uint8", copy=False)


def weight(index: int) -> float:
    """Share of the new picture in frame `index` of a crossfade: even steps, so that neither neighbour is seen alone."""
    return (index + 1) / (TRANSITION_FRAMES + 1)
