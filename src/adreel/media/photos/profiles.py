"""Builds ICC profiles for colour spaces that a photo names without one, so that one converter serves both. Pure."""

from __future__ import annotations

import struct

from adreel.media.photos.color_spaces import Curve, Primaries, adapted, product, to_xyz

_D50 = (0.3457, 0.3585)
_D50_XYZ = (0.9642, 1.0, 0.8249)
"""The illuminant of the profile connection space (ICC.1:2022, 7.2.16)."""
_HEADER_BYTES = 128
_TAG_BYTES = 12


def icc_profile(primaries: Primaries, curve: Curve) -> bytes:
    """A display profile of version 4 with a matrix and one curve (ICC.1:2022)."""
    matrix = product(adapted(primaries.white, _D50), to_xyz(primaries))
    columns = [struct.pack(">4s4x3i", b"XYZ ", *(_fixed(row[index]) for row in matrix)) for index in range(3)]
    white = struct.pack(">4s4x3i", b"XYZ ", *map(_fixed, _D50_XYZ))
    tags = {b"wtpt": white, **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True))}
    return _profile(tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(curve)))


def _curve(curve: Curve) -> bytes:
    """A parametric curve of type 3 (ICC.1:2022, 10.18)."""
    numbers = (curve.gamma, curve.scale, curve.offset, curve.slope, curve.knee)
    return struct.pack(">4s4xHxx5i", b"para", 3, *map(_fixed, numbers))


def _fixed(value: float) -> int:
    """As s15Fixed16Number."""
    return round(value * 65536)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    table, data = struct.pack(">I", len(tags)), b""
    start = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content
    header = struct.pack(">I4xI4s4s4s12x4s", start + len(data), 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3i", *map(_fixed, _D50_XYZ))
    return header.ljust(_HEADER_BYTES, b"\0") + table + data
