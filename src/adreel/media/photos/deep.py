"""Decodes photos with more than 8 bits for each colour, where 8 are too few: HDR. Pillow's readers give 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image

from adreel.media.photos.opening import OpenedPhoto

if TYPE_CHECKING:
    import numpy.typing as npt

    Deep = npt.NDArray[np.uint16]

_LOW_BYTES = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
"""Pillow's names of 16-bit pixels in big and little endian order."""


def high_and_low(photo: OpenedPhoto, image: Image.Image) -> tuple[Image.Image, Image.Image] | None:
    """Two RGB pictures: the high and the low bytes of the photo's colours with 16 bits each, as decoded into `image`.

    None for a photo with 8 bits, and for one made of tiles.
    """
    if photo.image.format == "PNG":
        low = _low_bytes(photo)
        return low and (image.convert("RGB"), low)
    found = _avif(photo) if photo.image.format == "AVIF" else _heif(photo) if photo.image.format == "HEIF" else None
    if found is None or found.shape != (image.height, image.width, 3):
        return None
    return Image.fromarray((found >> 8).astype(np.uint8)), Image.fromarray((found & 255).astype(np.uint8))


def _low_bytes(photo: OpenedPhoto) -> Image.Image | None:
    """Of a PNG, of whose colours Pillow keeps the high bytes: it reads the low ones as high ones of the other byte order."""
    with photo.reopened() as file, Image.open(file, formats=("PNG",)) as image:
        tile = image.tile[0]
        if tile.args not in _LOW_BYTES:
            return None
        image.tile = [tile._replace(args=_LOW_BYTES[tile.args])]
        return image.convert("RGB")


def _avif(photo: OpenedPhoto) -> Deep | None:
    import av
    from av.video.reformatter import ColorRange, Interpolation

    options = {"protocol_whitelist": "file", "format_whitelist": "mov"}
    with av.open(f"file:{photo.path.absolute()}", format="mov", options=options) as container:
        frame = next(container.decode(video=0), None)
        if frame is None or frame.format.components[0].bits <= 8:
            return None
        precise = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        rgb = frame.reformat(format="rgb48le", dst_color_range=ColorRange.JPEG, interpolation=precise)
        return cast("Deep", rgb.to_ndarray())


def _heif(photo: OpenedPhoto) -> Deep | None:
    import pillow_heif

    with photo.reopened() as file:
        found = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
        return np.asarray(found)[:, :, :3] if found.mode in ("RGB;16", "RGBA;16") else None
