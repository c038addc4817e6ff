"""Procedural pictures: stone, wood, leather and a background of lights out of focus. Everything follows from a seed."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float64]


def cloud(shape: tuple[int, int], seed: int, cell: float, stretch: float = 1.0, octaves: int = 5) -> Field:
    """Fractal noise in 0..1; `cell` is the size of the largest feature in pixels, `stretch` its length over its width."""
    rng, total = np.random.default_rng(seed), np.zeros(shape)
    for octave in range(octaves):
        size = max(cell / 2**octave, 1.0)
        rows, columns = (
            int(np.ceil(side / extent)) + 3 for side, extent in zip(shape, (size, size * stretch), strict=True)
        )
        coarse = rng.standard_normal((rows, columns)).astype(np.float32)
        fine = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
        total += fine / 2**octave
    return (total - total.min()) / (total.max() - total.min())


def _blend(low: str, high: str, share: Field) -> Field:
    ends = [np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) for colour in (low, high)]
    return ends[0] + (ends[1] - ends[0]) * share[..., None]


def _picture(colour: Field) -> Image.Image:
    return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))


def stone(seed: int) -> Image.Image:
    """Pale limestone: soft clouds, fine speckle, a few small pores."""
    shape = (1024, 2048)
    colour = _blend("#b5a894", "#d6cbb9", cloud(shape, seed, 300))
    pores = np.clip((cloud(shape, seed + 1, 12) - 0.74) * 10, 0, 1)
    return _picture(colour * (1 - 0.4 * pores[..., None]) + (cloud(shape, seed + 2, 3)[..., None] - 0.5) * 34)


def wood(seed: int, planks: int = 5) -> Image.Image:
    """Oiled oak boards side by side, grain along the picture's width."""
    boards = []
    for board in range(planks):
        shape = (360, 3000)
        drift = cloud(shape, seed + 10 * board, 220, 7)
        rings = 0.5 + 0.5 * np.sin((drift * 26 + np.linspace(0, 5, shape[0])[:, None]) * 2.2)
        fibre = cloud(shape, seed + 10 * board + 1, 7, 40, 4)
        share = 0.32 * rings**2 + 0.45 * fibre + 0.3 * cloud(shape, seed + 10 * board + 2, 300, 5)
        colour = _blend("#4a2c17", "#a9764a", share) * (0.88 + 0.2 * np.random.default_rng(seed + board).random())
        edge = np.minimum(np.arange(shape[0]), np.arange(shape[0])[::-1])[:, None, None]
        boards.append(colour * (0.25 + 0.75 * np.clip(edge / 4, 0, 1)))
    return _picture(np.vstack(boards))


def leather_relief(seed: int, size: int = 1024, pebbles: int = 9000) -> Field:
    """Height of grained leather in 0..1: pebbles with creases between them."""
    rng = np.random.default_rng(seed)
    mask = np.full((size, size), 255, np.uint8)
    mask[rng.integers(0, size, pebbles), rng.integers(0, size, pebbles)] = 0
    distance = cv2.GaussianBlur(cv2.distanceTransform(mask, cv2.DIST_L2, 5), (0, 0), 1.2)
    return np.clip(1 - distance / np.percentile(distance, 99), 0, 1) ** 0.7


def leather(seed: int, low: str, high: str) -> Image.Image:
    """Colour of worn leather."""
    return _picture(_blend(low, high, 0.7 * cloud((1024, 1024), seed, 180) + 0.3 * cloud((1024, 1024), seed + 1, 8)))


def lights_out_of_focus(
    shape: tuple[int, int],
    seed: int,
    low: tuple[float, float, float] = (0.05, 0.026, 0.014),
    high: tuple[float, float, float] = (0.62, 0.33, 0.16),
) -> NDArray[np.float32]:
    """Linear radiance (rows, columns, 3) of a warm room with lamps far behind the plane of focus."""
    rng, (rows, columns) = np.random.default_rng(seed), shape
    y, x = np.mgrid[:rows, :columns] / rows
    glow = np.exp(-(((x - 0.38) / 0.42) ** 2 + ((y - 0.45) / 0.36) ** 2))
    share = glow * (0.7 + 0.5 * cv2.GaussianBlur(cloud(shape, seed, rows / 3), (0, 0), rows / 50))
    image = np.asarray(low) + (np.asarray(high) - np.asarray(low)) * share[..., None]
    for _ in range(34):
        centre, radius = rng.uniform((0.1, 0.2), (0.9, 0.75)), rng.uniform(0.012, 0.034)
        away = np.hypot(x - centre[0], y - centre[1]) / radius
        disc = np.clip((1 - away) * radius * rows / 5, 0, 1) * (0.75 + 0.25 * np.clip(away, 0, 1) ** 4)
        image += (
            disc[..., None] * rng.uniform(0.12, 0.9) * np.array([1.0, rng.uniform(0.5, 0.78), rng.uniform(0.16, 0.5)])
        )
    return np.ascontiguousarray(cv2.GaussianBlur(image, (0, 0), rows / 500)[::-1].astype(np.float32))
