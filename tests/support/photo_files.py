"""Pictures by which tests of photos tell turns, transparency and colour profiles."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms


def gradient(width: int = 320, height: int = 240) -> npt.NDArray[np.uint8]:
    """Red grows to the right, green downward: any turn or mirroring shows."""
    rows, columns = np.mgrid[0:height, 0:width]
    red, green = columns * 255 // (width - 1), rows * 255 // (height - 1)
    return np.dstack([red, green, np.full_like(red, 40)]).astype(np.uint8)


def jpeg_cut_short(missing: int = 8) -> bytes:
    """A JPEG without its last bytes: up to about 20 of them leave a usable photo."""
    file = BytesIO()
    Image.fromarray(gradient()).save(file, "JPEG", quality=90)
    return file.getvalue()[: len(file.getvalue()) - missing]


def with_hole() -> Image.Image:
    alpha = np.zeros((240, 320), np.uint8)
    alpha[60:180, 80:240] = 255
    return Image.fromarray(np.dstack([gradient(), alpha]))


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged: a profile whose effect cannot be missed."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for index in range(count):
        at = 132 + 12 * index
        tag = bytes(profile[at : at + 4])
        swap = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
        profile[at : at + 4] = swap.get(tag, tag)
    return bytes(profile)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks after its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment at its start."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def tiff(*entries: tuple[int, int, int, bytes]) -> bytes:
    """Exif data without their prefix: one directory of entries, each tag, type, count and value."""
    directory, values = struct.pack("<H", len(entries)), b""
    place = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        directory += struct.pack("<HHI", tag, kind, count)
        directory += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", place + len(values))
        values += value if len(value) > 4 else b""
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + values


TURNED = (0x0112, 3, 1, struct.pack("<H", 6))
"""The entry of a photo that is shown turned by a quarter."""
