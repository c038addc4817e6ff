"""Converts a decoded picture to sRGB by the colours that its file names."""

from __future__ import annotations

from io import BytesIO
from typing import TypeGuard

from PIL import Image, ImageCms

from adreel.media.photos.color_spaces import ColorSpace, Curve, Hdr
from adreel.media.photos.opening import OpenedPhoto
from adreel.media.photos.profiles import icc_profile

ColorTag = bytes | ColorSpace | None
"""An ICC profile, or a colour space; None for sRGB."""

_LIMITED = bytes(max(0, min(255, round((value - 16) * 255 / 219))) for value in range(256))
"""Limited range (16 to 235) to full range."""


def is_hdr(color: ColorTag) -> TypeGuard[ColorSpace]:
    return isinstance(color, ColorSpace) and isinstance(color.transfer, Hdr)


def from_hdr(photo: OpenedPhoto, image: Image.Image, space: ColorSpace) -> Image.Image:
    """An RGB or RGBA picture in sRGB, of the photo's pixels as decoded into `image`; in 16 bits where the file has them."""
    # Imported here: a reader process loads NumPy for HDR photos only.
    from adreel.media.photos import hdr
    from adreel.media.photos.deep import high_and_low

    high, low = high_and_low(photo, image) or (image.convert("RGB"), None)
    converted = hdr.to_srgb(high, space, low)
    if image.mode == "RGBA":
        converted.putalpha(image.getchannel("A"))
    return converted


def to_srgb(opaque: Image.Image, color: ColorTag) -> Image.Image:
    """An RGB picture in sRGB, of a picture without transparency in any mode."""
    if isinstance(color, ColorSpace) and isinstance(color.transfer, Curve):
        rgb = opaque.convert("RGB")
        ranged = rgb if color.full_range else rgb.point(_LIMITED * 3)
        return _by_profile(ranged, icc_profile(color.primaries, color.transfer))
    return _by_profile(opaque, color) if isinstance(color, bytes) else _as_rgb(opaque)


def _by_profile(opaque: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A profile that is broken or for another picture mode is ignored, as viewers do.
        converted = None
    return _as_rgb(converted or opaque)


def _as_rgb(opaque: Image.Image) -> Image.Image:
    return opaque if opaque.mode == "RGB" else opaque.convert("RGB")
