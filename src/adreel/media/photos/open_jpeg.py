"""Opens a JPEG of any size."""

from __future__ import annotations

from io import BufferedReader
from typing import cast

from PIL import Image, JpegImagePlugin


def open_jpeg(file: BufferedReader) -> Image.Image:
    """The JPEG in an open file. Pillow's own `open` refuses large pictures; JPEGs are decoded at reduced size, so it need not."""
    return cast("Image.Image", JpegImagePlugin.jpeg_factory(file))
