"""Colour spaces that a photo may name: primaries and transfer curve. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

XY = tuple[float, float]
Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Primaries:
    """CIE 1931 chromaticities."""

    white: XY
    red: XY
    green: XY
    blue: XY


@dataclass(frozen=True, slots=True)
class Curve:
    """Decodes a value v in 0..1 to light: (scale * v + offset) ** gamma from `knee` on, slope * v below it."""

    gamma: float
    scale: float = 1.0
    offset: float = 0.0
    slope: float = 0.0
    knee: float = 0.0


class Hdr(Enum):
    """The transfer curves of ITU-R BT.2100."""

    PQ = "PQ"
    HLG = "HLG"


@dataclass(frozen=True, slots=True)
class ColorSpace:
    primaries: Primaries
    transfer: Curve | Hdr
    full_range: bool = True


_D65 = (0.3127, 0.3290)
_ILLUMINANT_C = (0.310, 0.316)

SRGB = Primaries(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
BT2020 = Primaries(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_NTSC = Primaries(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
_PRIMARIES = {
    1: SRGB,
    4: Primaries(_ILLUMINANT_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _NTSC,
    7: _NTSC,
    8: Primaries(_ILLUMINANT_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: BT2020,
    11: Primaries((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Primaries(_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries(_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
"""By code (ITU-T H.273, table 2)."""

SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = Curve(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_TRANSFERS: dict[int, Curve | Hdr] = {
    1: _BT709_CURVE,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _BT709_CURVE,
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: Curve(1.0),
    13: SRGB_CURVE,
    14: _BT709_CURVE,
    15: _BT709_CURVE,
    16: Hdr.PQ,
    18: Hdr.HLG,
}
"""By code (ITU-T H.273, table 3)."""

ADOBE_RGB = ColorSpace(Primaries(_D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), Curve(563 / 256))
"""Adobe RGB (1998), sections 4.3.1 and 4.3.4.2."""

_USUAL_GAMMA = 1 / 2.2
_ALIKE = 0.002
"""Chromaticities and gammas that differ by less are the same, rounded in another way."""
_SANE_GAMMA = (0.1, 2.0)


def coded_space(primaries: int, transfer: int, *, full_range: bool = True) -> ColorSpace | None:
    """The colour space of code points (ITU-T H.273), unspecified ones as in sRGB; None for sRGB.

    BT.709 primaries with the curve of BT.709 count as sRGB: writers put this tag on sRGB pictures, and browsers show it so.
    """
    space = ColorSpace(_PRIMARIES.get(primaries, SRGB), _TRANSFERS.get(transfer, SRGB_CURVE), full_range)
    is_srgb = space.primaries == SRGB and space.transfer in (SRGB_CURVE, _BT709_CURVE)
    return None if is_srgb and full_range else space


def measured_space(primaries: Primaries | None, gamma: float | None) -> ColorSpace | None:
    """The colour space of measured chromaticities and of `gamma`, the exponent by which light was encoded, both optional.

    None for sRGB, whose usual description is an exponent of 1/2.2, and for values that no picture has.
    """
    found = SRGB if primaries is None or _is_alike(primaries, SRGB) else primaries
    if gamma is None or (found == SRGB and abs(gamma - _USUAL_GAMMA) < _ALIKE):
        return ColorSpace(found, SRGB_CURVE) if found != SRGB and _is_sane(found) else None
    is_sane = _is_sane(found) and _SANE_GAMMA[0] <= gamma <= _SANE_GAMMA[1]
    return ColorSpace(found, Curve(1 / gamma)) if is_sane else None


def _is_alike(first: Primaries, second: Primaries) -> bool:
    return all(abs(a - b) < _ALIKE for a, b in zip(_numbers(first), _numbers(second), strict=True))


def _numbers(primaries: Primaries) -> tuple[float, ...]:
    return (*primaries.white, *primaries.red, *primaries.green, *primaries.blue)


def _is_sane(primaries: Primaries) -> bool:
    """Whether the white lies within the triangle of the primaries, which has an area."""
    try:
        scales = _scales(primaries)
    except ZeroDivisionError:
        return False
    return all(0 < scale < 100 for scale in scales)


def to_xyz(primaries: Primaries) -> Matrix:
    """The matrix from linear RGB to CIE XYZ, white at Y = 1."""
    columns = [_xyz(point) for point in (primaries.red, primaries.green, primaries.blue)]
    scaled = [tuple(part * scale for part in column) for column, scale in zip(columns, _scales(primaries), strict=True)]
    return _matrix([[column[row] for column in scaled] for row in range(3)])


def _scales(primaries: Primaries) -> tuple[float, float, float]:
    columns = [_xyz(point) for point in (primaries.red, primaries.green, primaries.blue)]
    rows = _matrix([[column[row] for column in columns] for row in range(3)])
    return apply(inverse(rows), _xyz(primaries.white))


def _xyz(point: XY) -> tuple[float, float, float]:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
"""Cone responses by which a white is adapted to another (ICC.1:2022, annex E)."""


def adapted(source: XY, target: XY) -> Matrix:
    """The matrix that adapts XYZ from one white point to another."""
    before, after = apply(_BRADFORD, _xyz(source)), apply(_BRADFORD, _xyz(target))
    gains = [new / old for new, old in zip(after, before, strict=True)]
    scaled = _matrix([[part * gain for part in row] for row, gain in zip(_BRADFORD, gains, strict=True)])
    return product(inverse(_BRADFORD), scaled)


def to_srgb_light(primaries: Primaries) -> Matrix:
    """The matrix from linear RGB of these primaries to linear sRGB."""
    return product(inverse(to_xyz(SRGB)), product(adapted(primaries.white, SRGB.white), to_xyz(primaries)))


def apply(matrix: Matrix, vector: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (sum(part * value for part, value in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def product(left: Matrix, right: Matrix) -> Matrix:
    return _matrix(
        [[sum(left[row][k] * right[k][column] for k in range(3)) for column in range(3)] for row in range(3)]
    )


def inverse(m: Matrix) -> Matrix:
    """By cofactors. Raises ZeroDivisionError."""

    def minor(row: int, column: int) -> float:
        a, b = (row + 1) % 3, (row + 2) % 3
        c, d = (column + 1) % 3, (column + 2) % 3
        return m[a][c] * m[b][d] - m[a][d] * m[b][c]

    determinant = sum(m[0][column] * minor(0, column) for column in range(3))
    return _matrix([[minor(column, row) / determinant for column in range(3)] for row in range(3)])


def _matrix(rows: list[list[float]]) -> Matrix:
    first, second, third = ((row[0], row[1], row[2]) for row in rows)
    return first, second, third
