"""Separates a photo's pixel data from its metadata, so that a decoder reads only the pixel data.

Decoders refuse a whole photo for one broken note beside the picture, or warn with its path. Viewers do neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from adreel.media.photos.color_spaces import ADOBE_RGB, ColorSpace
from adreel.media.photos.exif import ExifFacts, read_exif, xmp_orientation
from adreel.media.photos.spliced import Piece

MOST_METADATA = 2**24
"""Bytes of one block of metadata that are read: no profile is larger."""


@dataclass(slots=True)
class Metadata:
    """What a file says beside its pixels: an ICC profile, a named colour space, Exif and XMP data, each optional."""

    icc: bytes | None = None
    space: ColorSpace | None = None
    exif: bytes = b""
    xmp: bytes = b""
    facts: ExifFacts | None = field(default=None, repr=False)

    @property
    def orientation(self) -> int:
        """1 to 8; 1 when it is missing or invalid. Exif precedes XMP."""
        return self._facts().orientation or xmp_orientation(self.xmp) or 1

    @property
    def color(self) -> bytes | ColorSpace | None:
        """An ICC profile or the colour space; None for sRGB. The Exif data count where nothing else names the colours."""
        if self.icc or self.space:
            return self.icc or self.space
        return ADOBE_RGB if self._facts().adobe_rgb else None

    def _facts(self) -> ExifFacts:
        if self.facts is None:
            self.facts = read_exif(self.exif)
        return self.facts


@dataclass(frozen=True, slots=True)
class Parts:
    """`pieces`: the file that a decoder reads. `is_cut`: the picture's data end too early; `completed` adds what ends them."""

    pieces: tuple[Piece, ...]
    metadata: Metadata = field(default_factory=Metadata)
    is_cut: bool = False


def size_of(file: BinaryIO) -> int:
    return file.seek(0, 2)
