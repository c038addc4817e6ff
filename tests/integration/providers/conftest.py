"""Small synthetic product photos: one for each way the local engine can go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from adreel.media.photos.photo import load_photo
from adreel.providers.local.engine import LocalEngine

SIDE = 600


@pytest.fixture(scope="session")
def engine() -> LocalEngine:
    return LocalEngine(load_photo)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """white, transparent, busy, tall, panorama, blank, scenery."""
    folder = tmp_path_factory.mktemp("photos")
    product, mask = can()
    white = np.full((SIDE, SIDE, 3), 248.0)
    pictures: dict[str, Image.Image] = {
        "white": as_image(over(product, mask, white)),
        "transparent": Image.fromarray(np.dstack([product, 255 * mask]).astype(np.uint8)),
        "busy": as_image(over(product, mask, foliage(SIDE, SIDE))),
        "tall": as_image(foliage(900, 400)),
        "panorama": as_image(foliage(300, 1500)),
        "blank": as_image(white),
        "scenery": as_image(foliage(360, 640)),
    }
    paths = {name: folder / f"{name}.png" for name in pictures}
    for name, picture in pictures.items():
        picture.save(paths[name])
    return paths


def can() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A red can with a pale label, lit from the left, and its mask (0-1)."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    across = (columns - SIDE / 2) / 120
    mask = ((np.abs(across) < 1) & (rows > 130) & (rows < 480 + 18 * np.sqrt(np.clip(1 - across**2, 0, 1)))).astype(
        float
    )
    light = 0.45 + 0.55 * np.sqrt(np.clip(1 - (across + 0.35) ** 2, 0, 1))
    color = np.where(((rows > 240) & (rows < 380))[..., None], [235.0, 225.0, 205.0], [185.0, 32.0, 38.0])
    stripes = ((rows > 290) & (rows < 330) & (columns % 24 < 10))[..., None]
    return np.where(stripes, [30.0, 30.0, 60.0], color) * light[..., None], mask


def foliage(height: int, width: int) -> npt.NDArray[np.float64]:
    random = np.random.default_rng(4)
    coarse = Image.fromarray(random.integers(20, 200, (height // 12, width // 12, 3), dtype=np.uint8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64)


def over(
    product: npt.NDArray[np.float64], mask: npt.NDArray[np.float64], ground: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return product * mask[..., None] + ground * (1 - mask[..., None])


def as_image(pixels: npt.NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
