"""The photo of an end card, for film makers that cut nothing out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adreel.domain.errors import PhotoError
from adreel.domain.ports import ProductPicture
from adreel.media.photos.photo import load_photo
from adreel.media.segments.store import file_digest


def whole_photo(path: Path) -> ProductPicture:
    """The whole photo, with its own transparency. Raises PhotoError."""
    photo = load_photo(path)
    alpha = np.full(photo.rgb.shape[:2], 255, np.uint8) if photo.alpha is None else photo.alpha
    return ProductPicture(np.dstack([photo.rgb, alpha]), is_cut=photo.alpha is not None)


def photo_digest(path: Path) -> str:
    """Identifies a photo by its content. Raises PhotoError when it cannot be read."""
    try:
        return file_digest(path)
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}") from error
