"""Where the subject of a shot is, frame by frame: what words on the screen keep clear of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameBox:
    """A rectangle in pixels of the frame; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, by: float) -> FrameBox:
        return FrameBox(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def scaled(self, factor: float) -> FrameBox:
        """The same with its sides longer by a factor, about the same middle."""
        (x, y), wide, high = self.center, factor * self.width / 2, factor * self.height / 2
        return FrameBox(x - wide, y - high, x + wide, y + high)

    def meets(self, other: FrameBox) -> bool:
        """Whether the two have an area in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: FrameBox) -> bool:
        """Whether `other` is entirely within this box."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def clipped(self, other: FrameBox) -> FrameBox:
        """The part within `other`; its area is 0 when they do not meet."""
        return FrameBox(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def box_around(boxes: Sequence[FrameBox]) -> FrameBox:
    """The smallest box that holds all of the boxes, of which there is at least one."""
    return FrameBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """The bounds of the product in each frame of a shot, as far as they lie in the frame, and those of its most interesting part,
    such as a label. `marks`: what else words keep clear of, such as a logo.
    """

    boxes: tuple[FrameBox, ...]
    labels: tuple[FrameBox, ...]
    marks: tuple[FrameBox, ...] = ()
