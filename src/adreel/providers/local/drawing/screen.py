"""Composites a frame: soft layers first, at half the size, then sharp layers at full size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.areas import Area, even, region, visible_area, warp, without
from adreel.providers.local.drawing.geometry import Matrix, blocks
from adreel.providers.local.drawing.quads import QuadSource, averaged, lay_pairs, pour
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.drawing.yuv import BLACK, GREY, Planes

CLEAR = 255
GROUP, PAIR = (2, 2), (4, 2)
"""Columns and rows of screen pixels per sample: of luma, of chroma."""

_SOFT_GROUP, _PLATE_PAIR = (4, 4), (8, 4)
"""The same for luma at half the size, and for chroma at a quarter."""

_ALL_CLEAR, _NOTHING, _GREY = (CLEAR,) * 4, (0,) * 4, (GREY,) * 4


class Backdrop:
    """The soft layers: `luma` (above black) has half the frame's size, like chroma, which is drawn into the frame's planes."""

    def __init__(self, out: Planes, luma: QuadSource, chroma: QuadSource, matrix: Matrix) -> None:
        """Starts with a plate, in groups and pairs of half the usual size. `matrix` maps its pixels to the screen's."""
        self._out = out
        height, width = out.u.shape
        rows, columns = -(-height // 2), -(-width // 2)
        groups = _sample(luma, blocks(*_SOFT_GROUP) @ matrix, rows, columns)
        self._luma = np.empty((2 * rows, 2 * columns), dtype=np.uint8)
        pour(groups, self._luma)
        # Soft colour looks the same when drawn at half the size of chroma and enlarged.
        small = _sample(chroma, blocks(*_PLATE_PAIR) @ matrix, rows, -(-columns // 2)).view(np.uint16)
        for index, plane in enumerate((out.u, out.v)):
            _enlarge(np.asarray(cv2.extractChannel(small, index)).view(np.uint8)[:, :columns], plane)

    def lay(self, luma: QuadSource | None, clear: QuadSource, chroma: QuadSource | None, matrix: Matrix) -> None:
        """Composites a soft layer in front; one without `luma` is a shadow."""
        part = _soft_part(luma, clear, matrix, self._luma)
        if part is None:
            return
        below = self._luma[part.area]
        cv2.multiply(below, part.clear, dst=below, scale=1 / 255)
        if part.luma is not None:
            cv2.add(below, part.luma, dst=below)
        _lay_soft_colors(self._out, chroma, matrix, part)

    def enlarged(self) -> Screen:
        """The same at full size."""
        height, width = self._out.u.shape
        _grow(self._luma[:height, :width], self._out.y)
        return Screen(self._out)


class Screen:
    """A frame whose luma is relative to black until `finish`."""

    def __init__(self, out: Planes) -> None:
        self._out = out

    def lay_soft(self, luma: QuadSource | None, clear: QuadSource, chroma: QuadSource | None, matrix: Matrix) -> None:
        """Composites a soft layer in front of sharp ones."""
        part = _soft_part(luma, clear, matrix, self._out.u)
        if part is None:
            return
        below = self._out.y[_doubled(part.area)]
        full = np.empty_like(below)
        _grow(part.clear, full)
        cv2.multiply(below, full, dst=below, scale=1 / 255)
        if part.luma is not None:
            _grow(part.luma, full)
            cv2.add(below, full, dst=below)
        _lay_soft_colors(self._out, chroma, matrix, part)

    def lay(self, luma: QuadSource, clear: QuadSource, chroma: QuadSource, matrix: Matrix, hidden: Area | None) -> None:
        """Composites a sharp layer in front, except in the area `hidden` (in groups)."""
        to_groups = blocks(*GROUP) @ matrix
        area = visible_area(to_groups @ clear.place, _bounds(clear), self._out.u)
        if area is None:
            return
        for part in without(even(area, self._out.u), hidden):
            passing = region(clear.groups, to_groups @ clear.place, part, _ALL_CLEAR)
            below = self._out.y[_doubled(part)]
            plane = np.empty_like(below)
            pour(passing, plane)
            cv2.multiply(below, plane, dst=below, scale=1 / 255)
            pour(region(luma.groups, to_groups @ luma.place, part, _NOTHING), plane)
            cv2.add(below, plane, dst=below)
            _lay_colors(self._out, chroma, matrix, part, averaged(passing))

    def cover(self, luma: QuadSource, chroma: QuadSource, matrix: Matrix, part: Area) -> None:
        """Draws an opaque part of a layer."""
        groups = region(luma.groups, blocks(*GROUP) @ matrix @ luma.place, part, _NOTHING)
        pour(groups, self._out.y[_doubled(part)])
        lay_pairs(_pairs_of(chroma, matrix, part), self._out.u[part], self._out.v[part])

    def finish(self) -> None:
        cv2.add(self._out.y, float(BLACK), dst=self._out.y)  # pyright: ignore[reportCallIssue, reportArgumentType]


@dataclass(frozen=True, slots=True)
class _SoftPart:
    """The contribution of a soft layer within `area` of the half-size screen."""

    area: Area
    luma: U8 | None
    clear: U8


def _soft_part(luma: QuadSource | None, clear: QuadSource, matrix: Matrix, screen: U8) -> _SoftPart | None:
    to_groups = blocks(*_SOFT_GROUP) @ matrix
    height, width = screen.shape
    small = np.broadcast_to(np.uint8(0), (-(-height // 2), -(-width // 2)))
    area = visible_area(to_groups @ clear.place, _bounds(clear), small)
    if area is None:
        return None
    rows, columns = _doubled(area)
    rows, columns = slice(rows.start, min(rows.stop, height)), slice(columns.start, min(columns.stop, width))
    shape = rows.stop - rows.start, columns.stop - columns.start
    return _SoftPart(
        (rows, columns),
        None if luma is None else _poured(region(luma.groups, to_groups @ luma.place, area, _NOTHING), shape),
        _poured(region(clear.groups, to_groups @ clear.place, area, _ALL_CLEAR), shape),
    )


def _poured(groups: U8, shape: tuple[int, int]) -> U8:
    """Groups as a plane, which may omit the last row or column."""
    plane = np.empty((2 * groups.shape[0], 2 * groups.shape[1]), dtype=np.uint8)
    pour(groups, plane)
    return plane[: shape[0], : shape[1]]


def _lay_soft_colors(out: Planes, chroma: QuadSource | None, matrix: Matrix, part: _SoftPart) -> None:
    area = _within(part.area, out.u)
    clear = part.clear[: area[0].stop - area[0].start, : area[1].stop - area[1].start]
    _lay_colors(out, chroma, matrix, area, clear)


def _lay_colors(out: Planes, chroma: QuadSource | None, matrix: Matrix, part: Area, passing: U8) -> None:
    """Attenuates colour toward grey by the transmittance and adds the layer's own colour, unless it is a shadow."""
    grey = cast("U8", cv2.LUT(passing, _GREY_FOR))
    for plane in (out.u, out.v):
        below = plane[part]
        cv2.multiply(below, passing, dst=below, scale=1 / 255)
        cv2.add(below, grey, dst=below)
    if chroma is not None:
        u, v = np.empty_like(passing), np.empty_like(passing)
        lay_pairs(_pairs_of(chroma, matrix, part), u, v)
        for plane, color in ((out.u, u), (out.v, v)):
            below = plane[part]
            cv2.addWeighted(below, 1, color, 1, -GREY, dst=below)


_GREY_FOR = ((255 - np.arange(256)) * GREY / 255 + 0.5).astype(np.uint8)
"""For each of 256 degrees of transmittance, the share of grey in the result."""


def _pairs_of(chroma: QuadSource, matrix: Matrix, part: Area) -> U8:
    """Samples chroma pairs. `part` begins at an even column."""
    rows, columns = part
    couples = slice(columns.start // 2, -(-columns.stop // 2))
    return region(chroma.groups, blocks(*PAIR) @ matrix @ chroma.place, (rows, couples), _GREY)


def _sample(source: QuadSource, to_groups: Matrix, rows: int, columns: int) -> U8:
    target = np.empty((rows, columns, 4), dtype=np.uint8)
    warp(source.groups, to_groups @ source.place, target, None)
    return target


def _enlarge(small: U8, target: U8) -> None:
    height, width = target.shape
    if height % 2 == 0 and width % 2 == 0:
        cv2.resize(small, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
    else:
        target[:] = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[:height, :width]


def _grow(small: U8, target: U8) -> None:
    """Enlarges to twice the size; cubic, so that moving edges look the same at any sub-pixel position."""
    cv2.resize(small, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_CUBIC)


def _bounds(source: QuadSource) -> Box:
    return Box(0, 0, source.groups.shape[1], source.groups.shape[0])


def _doubled(area: Area) -> Area:
    rows, columns = area
    return slice(2 * rows.start, 2 * rows.stop), slice(2 * columns.start, 2 * columns.stop)


def _within(area: Area, plane: U8) -> Area:
    rows, columns = area
    height, width = plane.shape
    return slice(rows.start, min(rows.stop, height)), slice(columns.start, min(columns.stop, width))
