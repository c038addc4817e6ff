"""Reads the two facts that adreel needs from Exif data: the orientation, and whether the colours are Adobe RGB.

Pillow's reader refuses a whole photo for one odd value, or warns with its path; this one skips what it cannot read. Pure.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

_ORIENTATION = 0x0112
_EXIF_IFD = 0x8769
_COLOR_SPACE = 0xA001
_INTEROPERABILITY_IFD = 0xA005
_INTEROPERABILITY_INDEX = 0x0001
"""Tags of Exif 2.32."""

_ADOBE_RGB_INDEX = b"R03"
"""The interoperability index of DCF option files, whose colours are Adobe RGB (DCF 2.0, JEITA CP-3461)."""
_ADOBE_RGB = 2
"""A colour space that some cameras write, though Exif does not define it."""

_SHORT, _LONG = 3, 4
_ENTRY_BYTES = 12
_MOST_ENTRIES = 1000
_PREFIX = b"Exif\0\0"
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)\s*([1-8])")

_Order = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """`orientation`: 1 to 8, None when it is missing or invalid."""

    orientation: int | None = None
    adobe_rgb: bool = False


def read_exif(data: bytes) -> ExifFacts:
    """The facts in Exif data, with or without its prefix. Entries that cannot be read are skipped."""
    tiff = data.removeprefix(_PREFIX)
    order = _byte_order(tiff)
    if order is None:
        return ExifFacts()
    reader = _Tiff(tiff, order)
    main = reader.directory(4)
    exif = reader.directory(reader.value_at(main, _EXIF_IFD))
    interoperability = reader.directory(reader.value_at(exif, _INTEROPERABILITY_IFD))
    orientation = reader.number(main, _ORIENTATION)
    index = reader.value_at(interoperability, _INTEROPERABILITY_INDEX)
    is_option_file = index is not None and tiff[index : index + 3] == _ADOBE_RGB_INDEX
    is_adobe = is_option_file or reader.number(exif, _COLOR_SPACE) == _ADOBE_RGB
    return ExifFacts(orientation if orientation in range(1, 9) else None, is_adobe)


def xmp_orientation(xmp: bytes) -> int | None:
    """The orientation in an XMP packet, 1 to 8; None when it is missing or invalid."""
    found = _XMP_ORIENTATION.search(xmp)
    return int(found[1]) if found else None


def _byte_order(tiff: bytes) -> _Order | None:
    if tiff[:4] == b"II*\0":
        return "<"
    return ">" if tiff[:4] == b"MM\0*" else None


@dataclass(frozen=True, slots=True)
class _Tiff:
    """TIFF data. A directory is given as the offset of each of its entries, by tag."""

    data: bytes
    order: _Order

    def directory(self, pointer: int | None) -> dict[int, int]:
        """The directory whose offset is stored at `pointer`; empty when there is none."""
        start = 0 if pointer is None else self._read("I", pointer)
        if not start:
            return {}
        count = min(self._read("H", start), _MOST_ENTRIES)
        end = min(start + 2 + count * _ENTRY_BYTES, len(self.data) - _ENTRY_BYTES + 1)
        entries = range(start + 2, end, _ENTRY_BYTES)
        # The first of equal tags counts: later ones are overwritten here.
        return {self._read("H", entry): entry for entry in reversed(entries)}

    def value_at(self, directory: dict[int, int], tag: int) -> int | None:
        """The offset of an entry's value, where it is stored in the entry itself."""
        return directory[tag] + 8 if tag in directory else None

    def number(self, directory: dict[int, int], tag: int) -> int | None:
        """The whole number of an entry; None without one, and for other types."""
        if tag not in directory:
            return None
        kind = self._read("H", directory[tag] + 2)
        return self._read({_SHORT: "H", _LONG: "I"}[kind], directory[tag] + 8) if kind in (_SHORT, _LONG) else None

    def _read(self, kind: str, offset: int) -> int:
        """An unsigned number; 0 beyond the end."""
        if offset + struct.calcsize(f"={kind}") > len(self.data):
            return 0
        return int(struct.unpack_from(f"{self.order}{kind}", self.data, offset)[0])
