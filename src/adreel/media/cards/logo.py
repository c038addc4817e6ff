"""Reads the logo of a brand, and puts it on a plate where it would hardly be seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps

from adreel.domain.errors import PhotoError
from adreel.domain.films.color import Color
from adreel.domain.films.file_faults import cannot_be_read
from adreel.domain.films.logo import BrandLogo
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.photos.opening import refused
from adreel.media.segments.store import file_digest

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.media.cards.plate import Layer

MAX_BYTES = 5_000_000
_MAX_PIXELS = 16_000_000
_MIN_SIDE = 40
LOGO_FORMATS = ("PNG", "JPEG")
_NO_LOGO = "is no logo that can be used, which is a PNG with transparency, or a JPEG"

_PLATE_ROOM = 0.18
"""Room around a logo on its plate, as a share of its height."""


def read_logo(path: Path) -> npt.NDArray[np.uint8]:
    """The logo as RGBA without its transparent border. Raises PhotoError, which names the file, for one that cannot be used."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PhotoError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB: export the logo smaller")
    except OSError as error:
        raise PhotoError(f"{path} {cannot_be_read(error)}") from error
    with refused(path, _NO_LOGO), Image.open(path, formats=LOGO_FORMATS) as picture:
        _check_size(path, *picture.size)
        rgba = np.asarray(ImageOps.exif_transpose(picture).convert("RGBA"), np.uint8)
    return _cropped(path, rgba)


def identified(logo: BrandLogo) -> BrandLogo:
    """The logo with digests of its files in place of their paths, for keys. Raises PhotoError."""
    light, dark = (None if each is None else Path(_digest(each)) for each in (logo.light, logo.dark))
    return BrandLogo(light, dark)


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > _MAX_PIXELS:
        raise PhotoError(
            f"{path} is {width}x{height}, more than {_MAX_PIXELS // 1_000_000} megapixels: export it smaller"
        )
    if min(width, height) < _MIN_SIDE:
        raise PhotoError(
            f"{path} is {width}x{height}: the shorter side of a logo must have at least {_MIN_SIDE} pixels"
        )


def _cropped(path: Path, rgba: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    rows, columns = (np.flatnonzero((rgba[:, :, 3] > 0).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise PhotoError(f"{path} shows nothing: it is transparent everywhere")
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise PhotoError(f"{path} {cannot_be_read(error)}") from error


def color_of(rgba: npt.NDArray[np.uint8]) -> Color:
    """The mean colour of what is seen."""
    weights = rgba[:, :, 3].astype(np.float64)
    red, green, blue = ((rgba[:, :, :3] * weights[:, :, None]).sum(axis=(0, 1)) / weights.sum()).round().astype(int)
    return Color(int(red), int(green), int(blue))


def scaled(rgba: npt.NDArray[np.uint8], height: int) -> Layer:
    """Scaled after the colours are weighted by their opacity, so that nothing bleeds in from what is transparent."""
    layer = np.divide(rgba, 255, dtype=np.float32)
    layer[:, :, :3] *= layer[:, :, 3:]
    width = max(2, round(rgba.shape[1] * height / rgba.shape[0]))
    way = cv2.INTER_AREA if height < rgba.shape[0] else cv2.INTER_CUBIC
    return np.clip(np.asarray(cv2.resize(layer, (width, height), interpolation=way), np.float32), 0, 1)


def on_plate(layer: Layer, color: Color) -> Layer:
    """The logo on a rounded plate, as large as the logo with some room around it."""
    room = max(2, round(_PLATE_ROOM * layer.shape[0]))
    high, wide = layer.shape[0] + 2 * room, layer.shape[1] + 2 * room
    canvas = np.zeros((high, wide, 4), np.float32)
    canvas[room : room + layer.shape[0], room : room + layer.shape[1]] = layer
    return over(canvas, filled(rounded_mask((high, wide), Rectangle(0, 0, wide, high), room), color))
