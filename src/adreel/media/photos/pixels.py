"""Decodes photos to upright 8-bit sRGB. Each step frees the previous picture, so that few copies exist at a time.

Does not import NumPy, which takes longer to load than Pillow: a reader process decodes one photo and starts here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PIL import Image

from adreel.domain.errors import PhotoError
from adreel.media.photos.conversion import ColorTag, from_hdr, is_hdr, to_srgb
from adreel.media.photos.memory import draft_side
from adreel.media.photos.opening import OpenedPhoto, open_photo, refused

if TYPE_CHECKING:
    from pathlib import Path

WORKING_SIDE = 4096
"""Longest side, pixels, of a decoded photo: twice a 1080p film's width, so close-ups keep their detail."""

VERIFYING_SIDE = 512
"""Longest side, pixels, of a photo that is only verified: every byte is read, few pixels are kept."""

_DAMAGED = "is damaged or cut short"
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The transposition that sets a picture upright, by orientation (Exif 2.32, tag 0x0112)."""

_KEEP_THEIR_DECODER = frozenset({"WEBP", "AVIF", "HEIF"})
"""Formats whose readers hold the decoder's own pictures as long as the photo is open."""

_STRIP = 256
"""Rows of 16-bit grey that are converted at a time."""


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Header facts of a photo. Width and height are those of the upright picture.

    `note`: the missing part of a usable picture in words, "" for a whole one.
    """

    width: int
    height: int
    format: str
    has_alpha: bool
    digest: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded photo: three bytes per pixel in `rgb`, one in `alpha`, which is None when nothing is transparent."""

    width: int
    height: int
    rgb: bytes | memoryview
    alpha: bytes | memoryview | None


def read_info(path: Path) -> PhotoInfo:
    """Reads the header only. Raises PhotoError."""
    photo = open_photo(path)
    try:
        return _info(path, photo)
    finally:
        photo.close()


def read_pixels(path: Path, side: int = WORKING_SIDE) -> tuple[PhotoInfo, Pixels]:
    """Decodes a photo, longest side at most `side` pixels; the first frame of an animated file.

    Raises PhotoError, also for damage beyond the header.
    """
    photo = open_photo(path)
    try:
        info = _info(path, photo)
        with refused(path, _DAMAGED):
            return info, _decoded(photo, side)
    finally:
        photo.close()


def _decoded(photo: OpenedPhoto, side: int) -> Pixels:
    image, color = photo.image, photo.metadata.color
    _shrink_while_reading(image, side)
    image.load()
    image = _replace(image, _plain_mode(image))
    if is_hdr(color):
        # Before anything shrinks the picture: HDR values are far from proportional to light.
        image, color = _replace(image, from_hdr(photo, image, color)), None
    image = _replace(image, _upright(image, photo.metadata.orientation))
    shown = _shrunk(image, side)
    if shown.mode == "RGBA" and _extremes_of(shown)[1] == 0:
        raise PhotoError(f"{photo.path} is transparent everywhere, so nothing of it can be seen; export it again")
    return _pixels(shown, color)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _info(path: Path, photo: OpenedPhoto) -> PhotoInfo:
    image = photo.image
    width, height = image.size
    if photo.metadata.orientation >= 5:
        width, height = height, width
    return PhotoInfo(width, height, image.format or "", image.has_transparency_data, digest_of(path), photo.note)


def _replace(old: Image.Image, new: Image.Image) -> Image.Image:
    """Returns `new`; frees `old` when it is another picture."""
    if new is not old:
        old.close()
    return new


def _shrink_while_reading(image: Image.Image, side: int) -> None:
    shrink = max(image.size) / draft_side(side)
    if image.format in ("JPEG", "MPO") and shrink > 1:
        # The JPEG decoder shrinks the picture by a power of two, never below this size, so memory stays bounded.
        image.draft(image.mode, (int(image.width / shrink), int(image.height / shrink)))


def _plain_mode(image: Image.Image) -> Image.Image:
    """Converts palette, 16-bit, 1-bit and colour-keyed pictures to L, RGB, CMYK or RGBA."""
    if image.mode.startswith("I"):
        return _high_bytes(image)
    if image.mode not in ("RGBA", "CMYK") and image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode not in ("L", "RGB", "CMYK", "RGBA"):
        return image.convert("RGB")
    return image.copy() if image.format in _KEEP_THEIR_DECODER else image


def _high_bytes(image: Image.Image) -> Image.Image:
    """Scales 16-bit grey to 8 bits; Pillow's own conversion clips."""
    import numpy as np

    plain = Image.new("L", image.size)
    for top in range(0, image.height, _STRIP):
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        grey = (np.asarray(strip, dtype=np.int32) >> 8).clip(0, 255).astype(np.uint8)
        plain.paste(Image.fromarray(grey), (0, top))
    return plain


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNED.get(orientation)
    return image if turn is None else image.transpose(turn)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """Shrinks to a longest side of `side`, colours weighted by alpha so hidden ones do not bleed in. Closes a larger `image`."""
    factor = side / max(image.size)
    if factor >= 1:
        return image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    if image.mode != "RGBA":
        return _replace(image, image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))
    # As Pillow does for RGBA, but frees the first picture before it shrinks the second.
    weighted = _replace(image, image.convert("RGBa"))
    small = _replace(weighted, weighted.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))
    return _replace(small, small.convert("RGBA"))


def _pixels(image: Image.Image, color: ColorTag) -> Pixels:
    width, height = image.size
    alpha = _alpha_of(image)
    opaque = _replace(image, image.convert("RGB")) if image.mode == "RGBA" else image
    return Pixels(width, height, to_srgb(opaque, color).tobytes(), alpha)


def _alpha_of(image: Image.Image) -> bytes | None:
    if image.mode != "RGBA":
        return None
    return None if _extremes_of(image)[0] == 255 else image.getchannel("A").tobytes()


def _extremes_of(image: Image.Image) -> tuple[int, int]:
    """The lowest and the highest alpha of an RGBA picture."""
    return cast("tuple[int, int]", image.getchannel("A").getextrema())
