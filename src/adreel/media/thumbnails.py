"""Thumbnails of photos, and of films and segments made by adreel, for lists and posters."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from adreel.domain.errors import RenderError
from adreel.media.segments import decode
from adreel.media.yuv import i420_to_rgb

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from adreel.media.photos.photo import Photo

SIDE = 480
"""Longest side, pixels."""

CONTENT_TYPE = "image/webp"

_PLACES = (0.5, 0.45, 0.55, 0.4, 0.6, 0.32, 0.68)
"""Where a clear frame is looked for, as fractions of the length: crossfades are half a second long, clips at least one."""

_CLEARER = 1.12
"""The middle is shown unless another frame is sharper by this factor. A crossfade that shows the rest of a picture with a
twentieth of its strength has lost a tenth of its sharpness."""

_GROUND = 236
"""Grey level behind transparent pictures: white and dark products are both visible on it."""

_QUALITY = 82


def of_photo(photo: Photo) -> bytes:
    """WebP of a photo that was loaded with a longest side of at most `SIDE`; transparency becomes light grey."""
    if photo.alpha is None:
        return encoded(photo.rgb)
    return encoded(_grounded(photo.rgb, photo.alpha))


def of_frame(frame: npt.NDArray[np.uint8]) -> bytes:
    """WebP of an I420 picture of shape (height * 3 / 2, width), longest side at most `SIDE`."""
    return encoded(_small(frame))


def of_film(path: Path, *, crossfades: bool = True) -> bytes:
    """WebP of a clear frame near the middle of a film or segment made by adreel, longest side at most `SIDE`.

    Without `crossfades` every frame is clear. Raises RenderError.
    """
    count = _frames(path)
    if not crossfades:
        return encoded(_picture(path, count // 2))
    middle, *others = (_picture(path, min(count - 1, int(share * count))) for share in _PLACES)
    clearest = max(others, key=_sharpness)
    return encoded(clearest if _sharpness(clearest) > _CLEARER * _sharpness(middle) + 1 else middle)


def _picture(path: Path, index: int) -> npt.NDArray[np.uint8]:
    """Frame `index` as small RGB."""
    frame = next(decode.decode_frames(path, index, index + 1), None)
    if frame is None:
        raise RenderError(f"{path} has no frame {index}")
    return _small(frame)


def _small(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    width, height = frame.shape[1], frame.shape[0] * 2 // 3
    return i420_to_rgb(frame, round(width * min(1.0, SIDE / max(width, height))))


def _sharpness(rgb: npt.NDArray[np.uint8]) -> float:
    """The variance of the Laplacian. The middle of a crossfade has about half of that of the pictures that it blends."""
    return float(cv2.Laplacian(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def encoded(rgb: npt.NDArray[np.uint8]) -> bytes:
    """WebP of a picture (height, width, 3)."""
    file = BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()


def _grounded(rgb: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    share = alpha[:, :, None].astype(np.float32) / 255
    return np.rint(rgb * share + _GROUND * (1 - share)).astype(np.uint8)


def _frames(path: Path) -> int:
    with decode.open_mp4(path, packets_only=True) as container:
        if not container.streams.video:
            raise RenderError(f"{path} has no picture")
        return container.streams.video[0].frames
