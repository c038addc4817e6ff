"""Opens photos: allows listed formats, limits the size, converts every decoder failure into a PhotoError naming the file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from adreel.domain.errors import AdreelError, PhotoError
from adreel.domain.films.file_faults import EMPTY, cannot_be_read, is_no_file, wrong_kind
from adreel.domain.machine_faults import fault_or
from adreel.media.photos import jpeg_parts, png_parts, webp_parts
from adreel.media.photos.boxes import read_boxes
from adreel.media.photos.cut_jpeg import completed
from adreel.media.photos.memory import read_header
from adreel.media.photos.open_jpeg import open_jpeg
from adreel.media.photos.parts import Metadata, Parts, size_of
from adreel.media.photos.spliced import Span, splice

if TYPE_CHECKING:
    from collections.abc import Generator
    from io import BufferedReader
    from pathlib import Path

MIN_SIDE = 200
"""Smallest accepted shorter side in pixels: below it a photo is unusable at 1080p."""

MAX_PIXELS = 250_000_000
"""Pixels of the largest photo that is decoded: phones make 200 megapixels. Memory limits the formats that are decoded whole."""

_PILLOW_PIXELS = 89_000_000
"""Pixels above which Pillow warns, and above twice as many refuses. JPEG files are decoded at reduced size, so it need not."""

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_NAMES = "JPEG, PNG, WebP, AVIF or HEIC"
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_UNREADABLE = "cannot be opened as a picture"
_LONGEST_REASON = 200
"""Longest excerpt of a decoder's message, in characters: some messages quote the file."""


@dataclass(slots=True)
class OpenedPhoto:
    """An opened photo: `image`, whose pixels are not decoded yet, and what its file says beside them.

    `note`: the missing part of the picture in words, "" for a whole one.
    """

    image: Image.Image
    metadata: Metadata
    note: str
    file: BufferedReader
    path: Path
    parts: Parts

    def reopened(self) -> BufferedReader:
        """The file that the decoder reads, once more."""
        return splice(self.path.open("rb"), self.parts.pieces)

    def close(self) -> None:
        self.image.close()
        self.file.close()


def open_photo(path: Path) -> OpenedPhoto:
    """Opens a photo and checks its header; pixels are not decoded yet. The caller closes it. Raises PhotoError."""
    formats = _formats_for(path)
    with refused(path, _UNREADABLE):
        parts, note = _parts(path)
        photo = _opened(path, formats, parts, note)
    try:
        check_size(path, *photo.image.size)
    except PhotoError:
        photo.close()
        raise
    return photo


def _parts(path: Path) -> tuple[Parts, str]:
    """What the decoder reads, and a note about a missing part. Raises PhotoError when a visible part is."""
    head = read_head(path, 32)
    with path.open("rb") as file:
        if head.startswith(png_parts.SIGNATURE):
            parts = png_parts.read_png(file)
        elif head.startswith(jpeg_parts.START):
            parts = jpeg_parts.read_jpeg(file)
        elif webp_parts.is_webp(head):
            parts = webp_parts.read_webp(file)
        elif head[4:8] == b"ftyp":
            parts = read_boxes(file)
        else:
            parts = Parts((Span(0, size_of(file)),))
    if not parts.is_cut:
        return parts, ""
    if head.startswith(jpeg_parts.START):
        return completed(path, parts)
    raise PhotoError(f"{path} is damaged or cut short: export or copy it again")


@contextmanager
def refused(path: Path, what: str) -> Generator[None]:
    """Converts every exception of a decoder in the block into a PhotoError: the file at `path` and `what` is wrong with it.

    Decoders raise errors of any type for damaged files (Pillow's AVIF reader RuntimeError, others ValueError, struct.error,
    AssertionError, ZeroDivisionError or MemoryError), so no list of types would be complete.
    """
    try:
        yield
    except AdreelError:
        raise
    except MemoryError as error:
        raise PhotoError(
            f"{path} {what}, or takes more memory than a picture of its size may: export it again as JPEG or PNG"
        ) from error
    except Exception as error:
        reason = "".join(letter for letter in str(error) if letter.isprintable())[:_LONGEST_REASON]
        raise PhotoError(f"{path} {what}: export or copy it again ({reason or type(error).__name__})") from error


def check_size(path: Path, width: int, height: int) -> None:
    """Raises PhotoError for a picture with too many pixels, or too few on its shorter side."""
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise PhotoError(f"{path} is {width}x{height}, more than {limit} megapixels: make it smaller")
    if min(width, height) < MIN_SIDE:
        raise PhotoError(f"{path} is {width}x{height}: the shorter side must have at least {MIN_SIDE} pixels")


def _opened(path: Path, formats: tuple[str, ...], parts: Parts, note: str) -> OpenedPhoto:
    file = splice(path.open("rb"), parts.pieces)
    try:
        image = open_jpeg(file) if _is_large_jpeg(path) else _recognized(path, file, formats)
    except BaseException:
        file.close()
        raise
    return OpenedPhoto(image, _with_info(parts.metadata, image), note, file, path, parts)


def _is_large_jpeg(path: Path) -> bool:
    header = read_header(path)
    return header is not None and header.format == "JPEG" and header.width * header.height > _PILLOW_PIXELS


def _recognized(path: Path, file: BufferedReader, formats: tuple[str, ...]) -> Image.Image:
    try:
        return Image.open(file, formats=formats)
    except UnidentifiedImageError as error:
        raise PhotoError(f"{path} {wrong_kind('a picture', f'a {_NAMES} file')}") from error
    except Image.DecompressionBombError as error:
        limit = 2 * _PILLOW_PIXELS // 1_000_000
        raise PhotoError(f"{path} has more than {limit} megapixels: save it as JPEG, or make it smaller") from error


def _with_info(metadata: Metadata, image: Image.Image) -> Metadata:
    """Adds what the decoder found itself, of formats whose files it reads whole."""
    metadata.icc = metadata.icc or _data(image, "icc_profile")
    metadata.exif = metadata.exif or _data(image, "exif")
    metadata.xmp = metadata.xmp or _data(image, "xmp")
    return metadata


def _data(image: Image.Image, name: str) -> bytes:
    value: object = image.info.get(name)
    return value if isinstance(value, bytes) else b""


def _formats_for(path: Path) -> tuple[str, ...]:
    """The formats to allow, from the file's first bytes; registers Pillow's HEIC reader only for a HEIC file."""
    head = read_head(path, 32)
    return (*_FORMATS, "HEIF") if is_heif(head) and _enable_heif(path) else _FORMATS


def read_head(path: Path, size: int) -> bytes:
    """The first `size` bytes of a photo's file. Raises PhotoError when it is missing, empty or unreadable."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            # Reading a pipe would wait for someone to write into it.
            raise PhotoError(f"{path} is not a file: name a photo")
        with path.open("rb") as file:
            head = file.read(size)
    except IsADirectoryError as error:
        raise PhotoError(f"{path} {is_no_file('photos')}") from error
    except OSError as error:
        raise fault_or(error, None, PhotoError(f"{path} {cannot_be_read(error)}")) from error
    if not head:
        raise PhotoError(f"{path} {EMPTY}")
    return head


def is_heif(head: bytes) -> bool:
    """Whether a file that begins with `head` is a HEIC photo (ISO/IEC 23008-12) and not AVIF."""
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head[16:]


def _enable_heif(path: Path) -> bool:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise PhotoError(f"{path} is a HEIC photo: pip install adreel[heic], or save it as JPEG") from error
    register_heif_opener()
    return True
