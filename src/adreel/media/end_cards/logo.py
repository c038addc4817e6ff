"""Reads the logo of a brand, and places it in a corner of a card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps

from adreel.domain.errors import PhotoError
from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.file_faults import cannot_be_read
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import BrandLogo
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.overlays.safe_area import safe_area
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

_HIGH, _WIDE = 0.11, 0.3
"""The largest logo: share of the frame's shorter side, and of its width."""

_WIDE_FROM = 1.3
"""Width by height from which the product stands at the right and words beside it, as `product_box` places it."""

_STANDS_OUT = 1.8
"""Least contrast of a logo's colour against the ground; below it the logo stands on a plate."""

_DARK = 0.18
"""Relative luminance below which a ground is dark: there black and white letters are about equally readable."""

_PLATE_ROOM = 0.18
"""Room around a logo on its plate, as a share of its height."""


@dataclass(frozen=True, slots=True)
class PlacedLogo:
    """A logo as a layer (premultiplied, 0-1) and where it stands, in pixels of the frame. `clear`: what words keep out of."""

    layer: Layer
    box: Box
    clear: Box


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


def place_logo(logo: BrandLogo, ground: Color, size: FrameSize) -> PlacedLogo:
    """The version of the logo for a ground, at the upper left of the safe area. Raises PhotoError.

    Where it would hardly be seen it stands on a plate, white or black, whichever it stands out from more.
    """
    rgba = read_logo(logo.for_ground(is_dark=ground.luminance < _DARK))
    safe, color = safe_area(size), _color_of(rgba)
    plated = color.contrast(ground) < _STANDS_OUT
    high = min(_HIGH * min(size.width, size.height), _WIDE * size.width * rgba.shape[0] / rgba.shape[1])
    layer = _scaled(rgba, max(2, round(high)))
    if plated:
        layer = _on_plate(layer, max((Color(255, 255, 255), Color(0, 0, 0)), key=color.contrast))
    left, top = round(safe.left), round(safe.top)
    box = Box(left, top, left + layer.shape[1], top + layer.shape[0])
    # In a narrow frame, words beside it would crowd it.
    is_wide = size.width > _WIDE_FROM * size.height
    return PlacedLogo(layer, box, box if is_wide else Box(safe.left, box.top, safe.right, box.bottom))


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


def _color_of(rgba: npt.NDArray[np.uint8]) -> Color:
    """The mean colour of the visible part."""
    weights = rgba[:, :, 3].astype(np.float64)
    red, green, blue = ((rgba[:, :, :3] * weights[:, :, None]).sum(axis=(0, 1)) / weights.sum()).round().astype(int)
    return Color(int(red), int(green), int(blue))


def _scaled(rgba: npt.NDArray[np.uint8], height: int) -> Layer:
    """Scaled after the colours are weighted by their opacity, so that nothing bleeds in from transparent parts."""
    layer = np.divide(rgba, 255, dtype=np.float32)
    layer[:, :, :3] *= layer[:, :, 3:]
    width = max(2, round(rgba.shape[1] * height / rgba.shape[0]))
    way = cv2.INTER_AREA if height < rgba.shape[0] else cv2.INTER_CUBIC
    return np.clip(np.asarray(cv2.resize(layer, (width, height), interpolation=way), np.float32), 0, 1)


def _on_plate(layer: Layer, color: Color) -> Layer:
    """The logo on a rounded plate, as large as the logo with some room around it."""
    room = max(2, round(_PLATE_ROOM * layer.shape[0]))
    high, wide = layer.shape[0] + 2 * room, layer.shape[1] + 2 * room
    canvas = np.zeros((high, wide, 4), np.float32)
    canvas[room : room + layer.shape[0], room : room + layer.shape[1]] = layer
    return over(canvas, filled(rounded_mask((high, wide), Rectangle(0, 0, wide, high), room), color))
