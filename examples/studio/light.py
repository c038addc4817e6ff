"""Studio light: softboxes painted on a sphere around the set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Softbox:
    """A soft rectangle of light. Azimuth 0 is behind the product, 90 right, 180 the camera, 270 left; angles in degrees.

    `width` and `height` are half extents in degrees, `edge` the share of them over which the light falls off.
    """

    azimuth: float
    elevation: float
    width: float
    height: float
    power: float
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    edge: float = 0.25


def sphere_directions(rows: int) -> NDArray[np.float64]:
    """Directions (rows, 2 * rows, 3) of the pixels of an environment map whose up axis is z."""
    turn = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    fall = ((np.arange(rows) + 0.5) / rows * np.pi)[:, None]
    return np.stack(
        np.broadcast_arrays(np.sin(fall) * np.sin(turn), np.sin(fall) * np.cos(turn), np.cos(fall)), axis=-1
    )


def environment(
    boxes: list[Softbox], sky: tuple[float, float, float], ground: tuple[float, float, float], rows: int = 256
) -> NDArray[np.float32]:
    """Radiance (rows, 2 * rows, 3): a gradient from ground to sky with the softboxes on top."""
    towards = sphere_directions(rows)
    lift = _smooth((towards[..., 2:] + 1) / 2)
    image = np.asarray(ground) * (1 - lift) + np.asarray(sky) * lift
    for box in boxes:
        image = image + _glow(box, towards)[..., None] * box.power * np.asarray(box.tint)
    return image.astype(np.float32)


def _glow(box: Softbox, towards: NDArray[np.float64]) -> NDArray[np.float64]:
    turn, lift = np.radians(box.azimuth), np.radians(box.elevation)
    centre = np.array([np.cos(lift) * np.sin(turn), np.cos(lift) * np.cos(turn), np.sin(lift)])
    right = np.array([np.cos(turn), -np.sin(turn), 0.0])
    above = np.cross(right, centre)
    ahead = towards @ centre
    depth = np.maximum(ahead, 1e-3)
    glow = np.where(ahead > 1e-3, 1.0, 0.0)
    for axis, extent in ((right, box.width), (above, box.height)):
        offset = np.abs(towards @ axis / depth) / np.tan(np.radians(extent))
        glow = glow * _smooth(np.clip((1 - offset) / box.edge, 0, 1))
    return glow


def _smooth(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x * x * (3 - 2 * x)
