"""Completes a JPEG whose end is missing, where next to nothing of the picture is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops

from adreel.domain.errors import PhotoError
from adreel.media.photos.jpeg_parts import END
from adreel.media.photos.open_jpeg import open_jpeg
from adreel.media.photos.parts import Parts
from adreel.media.photos.spliced import Piece, splice

_SIDE = 1024
"""Longest side, in pixels, at which the missing part is measured."""
_BLOCK_ROWS = 16 + 2
"""Rows of one row of coded blocks, and those above that smooth colours touch: as many may be missing in any picture."""
_VISIBLE = 0.02
"""Share of the height from which a missing part is a visible one."""
_SCAN = b"\xff\xda"
_COEFFICIENTS = 64
_SEEN = bytes(255 * (value > 8) for value in range(256))
"""Differences that show. The last scans of a progressive file refine every pixel by less."""
_FILLING = bytes(number * number % 251 for number in range(1, 4096))
"""Other data in place of those that are missing: no byte of them is 255, which would end them."""


def completed(path: Path, parts: Parts) -> tuple[Parts, str]:
    """The parts with an end marker, and a note when pixels are missing, else "". Raises PhotoError when a visible part is."""
    whole = Parts((*parts.pieces, END), parts.metadata)
    rows = _missing_rows(path, parts)
    if rows is None:
        raise PhotoError(f"{path} is damaged or cut short: a visible part is missing; export or copy it again")
    if not rows:
        return whole, ""
    return whole, f"{path} is cut short: its last {rows} rows of pixels are incomplete; copy it again"


def _missing_rows(path: Path, parts: Parts) -> int | None:
    """Rows at the bottom that lack pixels; None when they are a visible part.

    Where data are missing, other data in their place make other pixels.
    """
    with splice(path.open("rb"), parts.pieces) as file:
        if not _has_all_scans(file.read()):
            return None
    plain, height = _decoded(path, (*parts.pieces, END))
    difference = ImageChops.difference(plain, _decoded(path, (*parts.pieces, _FILLING, END))[0])
    changed = difference.point(_SEEN * 3).getbbox()
    if changed is None:
        return 0
    rows = round((1 - changed[1] / plain.height) * height)
    return rows if rows <= max(_BLOCK_ROWS, _VISIBLE * height) else None


def _decoded(path: Path, pieces: Sequence[Piece]) -> tuple[Image.Image, int]:
    """The picture, shrunk, and its full height."""
    with splice(path.open("rb"), pieces) as file, open_jpeg(file) as image:
        width, height = image.size
        shrink = max(1.0, max(width, height) / _SIDE)
        image.draft(image.mode, (int(width / shrink), int(height / shrink)))
        return image.convert("RGB"), height


def _has_all_scans(data: bytes) -> bool:
    """Whether the scans that begin in a file hold every coefficient of every component to its last bit.

    A progressive file has several scans; one that misses the last ones has all its rows, but not their detail.
    """
    precise: dict[int, set[int]] = {}
    at = data.find(_SCAN)
    while at >= 0:
        header = data[at + 4 : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
        count = header[0] if header else 0
        if len(header) == 2 * count + 4 and header[-1] & 15 == 0:
            for component in header[1 : 1 + 2 * count : 2]:
                precise.setdefault(component, set()).update(range(header[-3], header[-2] + 1))
        at = data.find(_SCAN, at + 2)
    return len(precise) == _components(data) and all(len(found) >= _COEFFICIENTS for found in precise.values())


def _components(data: bytes) -> int:
    """The number of components in the frame header (ITU-T T.81, B.2.2)."""
    found = re.search(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08....(.)", data, re.DOTALL)
    return found[1][0] if found else 0
