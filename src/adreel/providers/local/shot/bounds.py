"""Where the product of a shot is in each of its frames."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import FrameBox, Subject
from adreel.providers.local.drawing.geometry import Box, Matrix, image_of


def subject_in(views: Sequence[Matrix], product: Box, label: Box, size: FrameSize) -> Subject:
    """The bounds of a product and its label under a moving camera. `views` map the boxes' pixels to the screen's, one per
    frame."""
    frame = FrameBox(0, 0, size.width, size.height)
    boxes = [_bounds(view, product).clipped(frame) for view in views]
    labels = [_bounds(view, label).clipped(frame) for view in views]
    return Subject(*(tuple(box for box in each if box.area) for each in (boxes, labels)))


def _bounds(view: Matrix, box: Box) -> FrameBox:
    seen = image_of(view, box)
    return FrameBox(seen.left, seen.top, seen.right, seen.bottom)
