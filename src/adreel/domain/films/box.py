"""Rectangles in pixels: of a photo, a layer or a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; right and bottom are exclusive."""

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

    def corners(self) -> list[tuple[float, float]]:
        """Top left, top right, bottom left, bottom right."""
        return [(x, y) for y in (self.top, self.bottom) for x in (self.left, self.right)]

    def grown(self, margin: float) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def scaled(self, factor: float) -> Box:
        """The same part of a picture that is scaled by a factor."""
        return Box(factor * self.left, factor * self.top, factor * self.right, factor * self.bottom)

    def resized(self, factor: float) -> Box:
        """The same with its sides longer by a factor, about the same center."""
        (x, y), wide, high = self.center, factor * self.width / 2, factor * self.height / 2
        return Box(x - wide, y - high, x + wide, y + high)

    def moved(self, x: float, y: float) -> Box:
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def transposed(self) -> Box:
        return Box(self.top, self.left, self.bottom, self.right)

    def meets(self, other: Box) -> bool:
        """Whether the two have an area in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: Box) -> bool:
        """Whether `other` is entirely within this box."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def clipped(self, other: Box) -> Box:
        """The part within `other`; its area is 0 when they do not meet."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


def box_around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of the boxes, of which there is at least one."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
