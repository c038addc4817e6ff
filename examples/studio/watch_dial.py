"""The printed face of the watch."""

import numpy as np
from PIL import Image, ImageDraw

from studio.lettering import spaced


def dial_face(dial_radius: float) -> Image.Image:
    """Midnight-blue sunburst with a minute track, a small-seconds ring and the name."""
    size = 2400
    y, x = (np.mgrid[:size, :size] - size / 2) / (size / 2)
    turn, away = np.arctan2(y, x), np.hypot(x, y)
    rays = np.random.default_rng(9).standard_normal(1440)
    shine = 0.5 + 0.5 * np.cos(2 * (turn + 0.9)) ** 3 + 0.05 * np.interp(turn, np.linspace(-np.pi, np.pi, 1440), rays)
    colour = np.array([10, 24, 46]) + shine[..., None] * np.array([16, 34, 62]) * (1.05 - 0.55 * away[..., None])
    image = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    _track(draw, (size / 2, size / 2), (0.905 * size / 2, 0.865 * size / 2), 60, 5, 7)
    _small_seconds(draw, size, size / 2 / dial_radius)
    spaced(draw, "HALE", (size / 2, size * 0.30), 150, 34, "#e8ecf0", weight=3)
    spaced(draw, "AUTOMATIC", (size / 2, size * 0.372), 56, 12, "#c4ccd6", weight=1)
    return image


def _track(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radii: tuple[float, float],
    count: int,
    every: int,
    width: int,
) -> None:
    for tick in range(count):
        turn = 2 * np.pi * tick / count
        outer, inner = radii[0], radii[1] - (0.012 * 1200 if tick % every == 0 else 0)
        ends = [(centre[0] + r * np.sin(turn), centre[1] - r * np.cos(turn)) for r in (outer, inner)]
        draw.line([*ends[0], *ends[1]], fill="#dfe5ec", width=width + (3 if tick % every == 0 else 0))


def _small_seconds(draw: ImageDraw.ImageDraw, size: int, scale: float) -> None:
    centre, radius = (size / 2, size / 2 + 0.82 * scale), 0.42 * scale
    for ring in np.linspace(radius, 6, 34):
        shade = "#0d1f3a" if int(ring) % 2 else "#122848"
        draw.ellipse([centre[0] - ring, centre[1] - ring, centre[0] + ring, centre[1] + ring], fill=shade)
    draw.ellipse(
        [centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius], outline="#9aa8b8", width=5
    )
    _track(draw, centre, (radius * 0.92, radius * 0.8), 12, 3, 5)
