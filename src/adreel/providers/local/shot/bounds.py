"""Where the product of a shot is in each of its frames."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.geometry import Matrix, image_of


def subject_in(views: Sequence[Matrix], product: Box, label: Box, size: FrameSize) -> Subject:
    """The bounds of a product and its label under a moving camera. `views` map the boxes' pixels to the screen's, one per
    frame."""
    frame = Box(0, 0, size.width, size.height)
    boxes = [image_of(view, product).clipped(frame) for view in views]
    labels = [image_of(view, label).clipped(frame) for view in views]
    return Subject(*(tuple(box for box in each if box.area) for each in (boxes, labels)))
