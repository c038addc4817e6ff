"""The free room of a frame: the largest rectangles that hold none of the obstacles."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.films.box import Box


def free_rooms(area: Box, obstacles: Sequence[Box]) -> list[Box]:
    """All largest rectangles within `area` that meet no obstacle, the largest first."""
    rooms = [area]
    for obstacle in obstacles:
        parts = [part for room in rooms for part in _beside(room, obstacle)]
        rooms = [part for part in parts if not any(other != part and other.holds(part) for other in parts)]
    return sorted(dict.fromkeys(rooms), key=lambda room: room.area, reverse=True)


def _beside(room: Box, obstacle: Box) -> list[Box]:
    """The rest of a room on each side of an obstacle."""
    if not room.meets(obstacle):
        return [room]
    parts = (
        Box(room.left, room.top, obstacle.left, room.bottom),
        Box(obstacle.right, room.top, room.right, room.bottom),
        Box(room.left, room.top, room.right, obstacle.top),
        Box(room.left, obstacle.bottom, room.right, room.bottom),
    )
    return [part for part in parts if part.width >= 1 and part.height >= 1]
