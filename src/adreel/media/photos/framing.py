"""Fits a photo to another aspect ratio: crops it slightly where that is enough, else extends it with blurred surroundings."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.domain.errors import PhotoError
from adreel.domain.films.formats import ratio_of
from adreel.media.photos.photo import Photo, load_photo

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

LONGEST_SIDE = 2048
"""Longest side of the result in pixels: slightly more than a 1080p clip's, so no detail is lost."""

SHORTEST_SIDE = 300
"""Shortest side of the result in pixels: some models refuse smaller pictures."""

WIDEST_RATIO = Fraction(5, 2)
"""Most extreme aspect of a picture that is sent whole: some models refuse longer ones."""

MOST_TRIMMED = 0.1
"""Largest share of a side that is cropped. More would cut into the product."""

_QUALITY = 92
"""JPEG quality: no visible loss, and 1080p stays under a megabyte."""

_SOFTNESS = 0.04
"""Blur of the added surroundings: standard deviation as a fraction of the shorter side."""

_STRIP = 0.03
"""Depth of the edge strip that is measured, as a fraction of the shorter side."""

_PLAIN = 60
"""Brightness range (0-255) within a plain edge: studio light falls off by that much, the edge of a product is stronger."""

_BACKDROP = 0.05
"""Blur of the copy behind the photo: standard deviation as a fraction of the frame's shorter side."""

_SEAM = 0.04
"""Width of the transition from the photo to its surroundings, as a fraction of the shorter side."""

_WHITE = 255


def framed_photo(path: Path, aspect: str) -> bytes:
    """The photo as an upright sRGB JPEG of this aspect (to the pixel), longest side at most `LONGEST_SIDE`.

    Transparency becomes white. Raises PhotoError when the file is not a photo, InputError for an invalid aspect.
    """
    picture = framed(_opaque(load_photo(path, LONGEST_SIDE)), ratio_of(aspect))
    return _jpeg(picture, path)


def whole_photo(path: Path) -> bytes:
    """The whole photo as an upright sRGB JPEG, longest side at most `LONGEST_SIDE`; a panorama is extended to `WIDEST_RATIO`.

    Transparency becomes white. Raises PhotoError when the file is not a photo.
    """
    picture = _opaque(load_photo(path, LONGEST_SIDE))
    height, width = picture.shape[:2]
    ratio = min(max(Fraction(width, height), 1 / WIDEST_RATIO), WIDEST_RATIO)
    return _jpeg(framed(picture, ratio), path)


def _jpeg(picture: Pixels, path: Path) -> bytes:
    """Encodes a picture, enlarged to `SHORTEST_SIDE` where it is smaller."""
    factor = SHORTEST_SIDE / min(picture.shape[:2])
    if factor > 1:
        size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
        picture = cast("Pixels", cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC))
    encoded, content = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not encoded:
        raise PhotoError(f"{path} cannot be written as a JPEG")
    return content.tobytes()


def framed(picture: Pixels, ratio: Fraction) -> Pixels:
    """`picture` (height, width, 3) in the aspect `ratio` (width / height), longest side at most `LONGEST_SIDE`."""
    height, width = picture.shape[:2]
    wider = Fraction(width, height) > ratio
    remaining = ratio * height / width if wider else Fraction(width) / (ratio * height)
    if remaining >= 1 - Fraction(str(MOST_TRIMMED)):
        return _shrunk(_trimmed(picture, ratio), LONGEST_SIDE)
    # Shrunk first: the extension can make the picture several times as large.
    longest = max(width, round(height * ratio), height, round(width / ratio))
    return _extended(_shrunk(picture, max(height, width) * LONGEST_SIDE / longest), ratio)


def _opaque(photo: Photo) -> Pixels:
    if photo.alpha is None:
        return photo.rgb
    alpha = photo.alpha[:, :, None].astype(np.uint16)
    mixed = (photo.rgb * alpha + _WHITE * (_WHITE - alpha) + _WHITE // 2) // _WHITE
    return mixed.astype(np.uint8)


def _trimmed(picture: Pixels, ratio: Fraction) -> Pixels:
    """Crops equally on opposite sides."""
    height, width = picture.shape[:2]
    across, down = min(width, round(height * ratio)), min(height, round(width / ratio))
    left, top = (width - across) // 2, (height - down) // 2
    return np.ascontiguousarray(picture[top : top + down, left : left + across])


def _extended(picture: Pixels, ratio: Fraction) -> Pixels:
    """The whole photo, extended: by its edges where they are plain, else by a blurred copy behind it."""
    height, width = picture.shape[:2]
    across, down = max(width, round(height * ratio)), max(height, round(width / ratio))
    left, top = (across - width) // 2, (down - height) // 2
    if not _is_plain(picture, beside=across > width):
        return _over_backdrop(picture, across, down, (left, top))
    borders = (top, down - height - top, left, across - width - left)
    longer = cast("Pixels", cv2.copyMakeBorder(picture, *borders, cv2.BORDER_REPLICATE))
    soft = cast("Pixels", cv2.GaussianBlur(longer, (0, 0), _SOFTNESS * min(height, width)))
    weight = _weight(across, down, (left, top, left + width, top + height))
    return cast("Pixels", cv2.blendLinear(longer, soft, weight, 1 - weight))


def _is_plain(picture: Pixels, *, beside: bool) -> bool:
    """Whether both edges to be extended (left and right when `beside`, else top and bottom) have nearly uniform brightness."""
    lines = picture.transpose(1, 0, 2) if beside else picture
    strip = max(1, round(_STRIP * min(picture.shape[:2])))
    spreads = [np.ptp(np.percentile(edge.mean(axis=2), (2, 98))) for edge in (lines[:strip], lines[-strip:])]
    return max(spreads) <= _PLAIN


def _over_backdrop(picture: Pixels, across: int, down: int, corner: tuple[int, int]) -> Pixels:
    """The photo with its top left corner at `corner`, over a blurred copy of itself that fills the frame."""
    height, width = picture.shape[:2]
    left, top = corner
    scale = max(across / width, down / height)
    grown = cast("Pixels", cv2.resize(picture, (max(across, round(width * scale)), max(down, round(height * scale)))))
    x, y = (grown.shape[1] - across) // 2, (grown.shape[0] - down) // 2
    behind = cast(
        "Pixels", cv2.GaussianBlur(grown[y : y + down, x : x + across], (0, 0), _BACKDROP * min(across, down))
    )
    behind[top : top + height, left : left + width] = picture
    return behind


def _weight(across: int, down: int, inner: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    """1 within the photo, falling to 0 across the seam outside it."""
    left, top, right, bottom = inner
    seam = max(1.0, _SEAM * min(right - left, bottom - top))
    xs, ys = np.arange(across), np.arange(down)
    beside = np.maximum(np.maximum(left - xs, xs - (right - 1)), 0)
    above = np.maximum(np.maximum(top - ys, ys - (bottom - 1)), 0)
    distance = np.maximum(beside[None, :], above[:, None])
    return np.clip(1 - distance / seam, 0, 1).astype(np.float32)


def _shrunk(picture: Pixels, side: float) -> Pixels:
    """Shrinks the picture so that its longest side is at most `side` pixels."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, int(width * factor)), max(1, int(height * factor)))
    return cast("Pixels", cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
