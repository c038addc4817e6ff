"""Reading photos: any common format in, upright 8-bit sRGB out, with bounded memory and errors a person can act on."""

from __future__ import annotations

import hashlib
import struct
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from adreel.domain.errors import PhotoError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    import numpy.typing as npt

MIN_SIDE = 200
"""Shortest side, pixels, that still makes a picture on a 1080p screen."""

MAX_PIXELS = 100_000_000
"""Largest photo that is decoded."""

WORKING_SIDE = 4096
"""Longest side, pixels, of what `load_photo` returns: twice a 1080p film's width, so close-ups keep their detail."""

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_NAMES = "JPEG, PNG, WebP, AVIF or HEIC"
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_ORIENTATION = 0x0112
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    MemoryError,
)
"""What Pillow's decoders raise on damaged files."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo, upright, sRGB. `rgb` is (height, width, 3), `alpha` (height, width) or None when nothing is transparent.

    `digest` is the SHA-256 of the file in hexadecimal. The longest side is at most `WORKING_SIDE`, or what was asked for.
    """

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8] | None
    digest: str


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What the header of a photo says. Width and height are those of the upright picture."""

    width: int
    height: int
    format: str
    has_alpha: bool
    digest: str


def check_photo(path: Path) -> PhotoInfo:
    """Reads the header only: cheap enough to check every photo before any work. Raises PhotoError."""
    with _opened(path) as image:
        try:
            # A PNG may say at its end only how it is turned: one that is cut short fails here.
            width, height = _upright_size(image)
        except _DECODING_ERRORS as error:
            raise _damaged(path, error) from error
        return PhotoInfo(width, height, image.format or "", image.has_transparency_data, _digest(path))


def load_photo(path: Path, side: int = WORKING_SIDE) -> Photo:
    """Decodes a photo, at most `side` pixels long; of an animated file, the first frame.

    Raises PhotoError, also for a file that is damaged further in.
    """
    with _opened(path) as image:
        try:
            rgb, alpha = _decode(image, side)
        except _DECODING_ERRORS as error:
            raise _damaged(path, error) from error
    return Photo(rgb, alpha, _digest(path))


def _damaged(path: Path, error: BaseException) -> PhotoError:
    return PhotoError(f"{path} is damaged or cut short: export or copy it again ({error})")


@contextmanager
def _opened(path: Path) -> Generator[Image.Image]:
    """The photo with its header read and found acceptable, pixels not yet decoded."""
    formats = _formats_for(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path, formats=formats)
    except UnidentifiedImageError as error:
        raise PhotoError(f"{path} is not a picture that adreel reads: use a {_NAMES} file") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{path} has more than {MAX_PIXELS // 1_000_000} megapixels: make it smaller") from error
    except _DECODING_ERRORS as error:
        raise PhotoError(f"{path} cannot be opened as a picture: export or copy it again ({error})") from error
    with image:
        _check_size(path, image)
        yield image


def _formats_for(path: Path) -> tuple[str, ...]:
    """Looks at the file and its first bytes; makes the HEIC reader known to Pillow only when a HEIC file comes."""
    if path.is_dir():
        raise PhotoError(f"{path} is a folder: name the photos in it")
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except FileNotFoundError as error:
        raise PhotoError(f"{path} does not exist: check the name") from error
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        raise PhotoError(f"{path} is empty: export or copy it again")
    return (*_FORMATS, "HEIF") if _is_heif(head) and _enable_heif(path) else _FORMATS


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head[16:]


def _enable_heif(path: Path) -> bool:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise PhotoError(f"{path} is a HEIC photo: pip install adreel[heic], or save it as JPEG") from error
    register_heif_opener()
    return True


def _check_size(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise PhotoError(f"{path} is {width}x{height}, more than {limit} megapixels: make it smaller")
    if min(width, height) < MIN_SIDE:
        raise PhotoError(f"{path} is {width}x{height}: the shorter side must have at least {MIN_SIDE} pixels")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8) else (width, height)


def _decode(image: Image.Image, side: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    profile = cast("bytes | None", image.info.get("icc_profile"))
    shrink = max(image.size) / side
    if image.format in ("JPEG", "MPO") and shrink > 1:
        # The JPEG decoder itself halves the picture (by powers of two, never below this size), so memory stays bounded.
        image.draft(image.mode, (int(image.width / shrink), int(image.height / shrink)))
    image.load()
    upright = ImageOps.exif_transpose(_plain_mode(image))
    small = _shrunk(upright, side)
    return _to_srgb(small, profile), _alpha_of(small)


def _plain_mode(image: Image.Image) -> Image.Image:
    """Palette, 16-bit, 1-bit and colour-keyed pictures as one of L, RGB, CMYK, RGBA."""
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion clips instead of scaling.
        grey = (np.asarray(image, dtype=np.int32) >> 8).clip(0, 255).astype(np.uint8)
        plain = Image.fromarray(grey)
        plain.info["exif"] = image.info.get("exif", b"")
        return plain
    if image.mode not in ("RGBA", "CMYK") and image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK", "RGBA") else image.convert("RGB")


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """At most `side` long; Pillow weights colours by alpha, so hidden colours do not bleed in."""
    factor = side / max(image.size)
    if factor >= 1:
        return image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _to_srgb(image: Image.Image, profile: bytes | None) -> npt.NDArray[np.uint8]:
    opaque = image.convert("RGB") if image.mode == "RGBA" else image
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile that is broken or meant for another kind of picture is ignored, as every viewer does.
            converted = None
        opaque = converted or opaque
    return np.ascontiguousarray(opaque.convert("RGB"), dtype=np.uint8)


def _alpha_of(image: Image.Image) -> npt.NDArray[np.uint8] | None:
    if image.mode != "RGBA":
        return None
    alpha = np.ascontiguousarray(image.getchannel("A"), dtype=np.uint8)
    return None if int(alpha.min()) == 255 else alpha


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
