"""Samples four pixels at a time: OpenCV samples a pixel of four channels as fast as one of a single channel.

A plane is stored as groups of 2 x 2 neighbours on the screen, (height / 2, width / 2, 4): top left, top right, bottom left,
bottom right. One sample at the centre of a group returns all four. The pixel distance within a group is constant over a shot,
that of the middle of its move; at its ends, after a zoom of 5 %, the error is a fortieth of a pixel. Chroma has two planes:
there a group is two neighbours in a row of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.providers.local.drawing.geometry import Matrix, affine
from adreel.providers.local.drawing.still import U8


@dataclass(frozen=True, slots=True)
class QuadSource:
    """`groups` (height, width, 4) around every point of a fine lattice; `place` maps lattice points to pixels of the plane."""

    groups: U8
    place: Matrix


def sharp_quads(plane: U8, step: float, border: int | None) -> QuadSource:
    """Groups of a plane (height, width) with about `step` pixels per screen pixel.

    The lattice has half a screen pixel and is made by cubic resampling: sampled linearly later, it looks like the cubic filter.
    `border` is the value outside; None extends the edge.
    """
    height, width = plane.shape
    size = (max(2, round(2 * width / step)), max(2, round(2 * height / step)))
    fine = cast("U8", cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC))
    return _quads(fine, 2, size[0] / width, size[1] / height, border)


def soft_quads(plane: U8, border: int | None) -> QuadSource:
    """Groups of a plane without sharp detail, of half the screen's size: 2 x 2 pixels of that size.

    `place` maps to pixels of the screen's size. The lattice is as fine as these, so that motion does not flicker.
    """
    fine = cast("U8", cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR))
    return _quads(fine, 2, 1.0, 1.0, border)


def _quads(fine: U8, reach: int, scale_x: float, scale_y: float, border: int | None) -> QuadSource:
    """`reach` is the distance within a group on the lattice, which has `scale` points per pixel of the plane."""
    height, width = fine.shape[0] + reach, fine.shape[1] + reach
    kind = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
    wide = cv2.copyMakeBorder(fine, reach, reach, reach, reach, kind, value=border or 0)
    corners = [wide[y : y + height, x : x + width] for y in (0, reach) for x in (0, reach)]
    middle = 0.5 - 0.5 * reach
    place = affine(1 / scale_x, 1 / scale_y, middle / scale_x - 0.5, middle / scale_y - 0.5)
    return QuadSource(cast("U8", cv2.merge(corners)), place)


def pairs(first: U8, second: U8, size: int, step: float, border: int | None) -> QuadSource:
    """Groups of two planes (height, width): two neighbours in a row of the first, then two of the second.

    A pixel is a block of `size` x `size` pixels at the screen's size, to which `place` maps; `step` of them are one screen pixel.
    `border` as in `sharp_quads`.
    """
    height, width = first.shape
    columns = max(1, round(width / step))
    kind = cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT
    neighbours: list[U8] = []
    for plane in (first, second):
        fine = cv2.resize(plane, (columns, height), interpolation=cv2.INTER_CUBIC) if columns != width else plane
        wide = cast("U8", cv2.copyMakeBorder(fine, 0, 0, 1, 1, kind, value=border or 0))
        neighbours += [wide[:, :-1], wide[:, 1:]]
    scale = size * width / columns
    return QuadSource(cast("U8", cv2.merge(neighbours)), affine(scale, size, -0.5, 0.5 * size - 0.5))


def pour(quads: U8, plane: U8) -> None:
    """Writes groups (height / 2, width / 2, 4) to the plane (height, width), whose rows must be contiguous."""
    pairs, rows = quads.view(np.uint16), plane.view(np.uint16)
    cv2.extractChannel(pairs, 0, rows[0::2])
    cv2.extractChannel(pairs, 1, rows[1::2])


def lay_pairs(groups: U8, first: U8, second: U8) -> None:
    """Writes groups of `pairs` to their two planes (height, width); an odd width drops the last pixels."""
    couples = groups.view(np.uint16)
    for index, plane in enumerate((first, second)):
        if plane.shape[1] % 2 == 0:
            cv2.extractChannel(couples, index, plane.view(np.uint16))
        else:
            plane[:] = np.asarray(cv2.extractChannel(couples, index)).view(np.uint8)[:, : plane.shape[1]]


def averaged(quads: U8) -> U8:
    """The mean of every group: (height, width)."""
    height, width = quads.shape[:2]
    return cast("U8", cv2.resize(quads.reshape(height, 4 * width), (width, height), interpolation=cv2.INTER_AREA))
