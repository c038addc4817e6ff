"""A ceramic mug of the invented brand Morgen."""

from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from studio.geometry import Mesh, bezier, circle, cyclorama, fillet, loft, sweep
from studio.lettering import spaced
from studio.light import Softbox, environment
from studio.materials import glazed, matte, texture
from studio.scene import Camera, View

GLAZE, CREAM, MARK = "#12606b", "#f4ede0", "#fbf3e2"
RADIUS, HEIGHT, WALL = 4.15, 9.6, 0.36
MARK_WIDTH, MARK_HEIGHT, MARK_MIDDLE = 4.9, 4.4, 5.1


def views() -> list[View]:
    """Front on white, an angle, a close detail and a tall portrait."""
    paper, sand = _sweep("#e9b98f"), _sweep("#d9d3c7")
    return [
        View(
            "front",
            (1600, 1600),
            Camera((-0.5, -50, 7.6), (0.95, 0, 4.5), 18.2),
            [*_mug(8), _floor()],
            _daylight(),
            [],
            ground="white",
            exposure=1.06,
            spp=48,
        ),
        View(
            "angle",
            (1600, 1280),
            Camera((13, -40, 12.5), (0.9, 0, 4.4), 23.5, 0.32, (0.5, -4, 5)),
            [*_mug(24), paper],
            _window(),
            [],
            exposure=0.76,
            spp=16,
        ),
        View(
            "detail",
            (1600, 1200),
            Camera((-8, -24, 11.5), (0.3, -2.5, 5.6), 22.5, 0.3, (-0.9, -4.0, 5.6)),
            [*_mug(-15), sand],
            _window(),
            [],
            exposure=0.76,
            spp=16,
        ),
        View(
            "portrait",
            (1200, 1600),
            Camera((-10, -50, 11), (1.1, 0, 5.6), 17.6, 0.4, (0, -4, 5)),
            [*_mug(-6), paper],
            _window(),
            [],
            exposure=0.76,
            spp=16,
        ),
    ]


def _mug(turn: float) -> list[tuple[Mesh, Any]]:
    """The mug with its mark towards the camera and the handle on the right, turned by `turn` degrees about z."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    matrix = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    parts = [
        (_outside(), glazed(_printed(), 0.03)),
        (_handle(), glazed(GLAZE, 0.03)),
        (_inside(), glazed(CREAM, 0.03)),
        (_foot(), matte("#d8c7ac")),
    ]
    return [(mesh.moved(matrix), material) for mesh, material in parts]


def _outside() -> Mesh:
    profile = fillet([(2.75, 0.16, 0), (3.05, 0.16, 0.1), (RADIUS - 0.02, 1.0, 1.5), (RADIUS, HEIGHT, 0)], steps=24)
    profile = np.vstack(
        [profile[:-1], [[RADIUS, z] for z in np.linspace(profile[-2, 1], HEIGHT - 0.2, 40)[1:]], _rim(0, 60)]
    )
    return loft(profile, circle(256), ends=(False, False))


def _rim(first: float, last: float) -> np.ndarray:
    """Arc of the rounded rim, in degrees from the outside."""
    turn = np.radians(np.linspace(first, last, 14))[1:]
    return np.column_stack([RADIUS - WALL / 2 + WALL / 2 * np.cos(turn), HEIGHT - 0.2 + 0.2 * np.sin(turn)])


def _inside() -> Mesh:
    inner = RADIUS - WALL
    down = fillet([(inner, HEIGHT - 0.2, 0), (inner, 0.75, 1.1), (0.02, 0.6, 0)], steps=20)
    top = np.vstack(
        [[[RADIUS - WALL / 2 + WALL / 2 * np.cos(np.pi / 3), HEIGHT - 0.2 + 0.2 * np.sin(np.pi / 3)]], _rim(60, 180)]
    )
    return loft(np.vstack([top, down[1:]]), circle(256), ends=(False, False))


def _foot() -> Mesh:
    return loft(
        fillet([(2.3, 0.3, 0), (2.42, 0.0, 0.06), (2.85, 0.0, 0.08), (2.95, 0.3, 0)]), circle(160), ends=(True, False)
    )


def _handle() -> Mesh:
    upper = bezier([(RADIUS - 0.12, 0, 8.05), (6.3, 0, 8.5), (7.55, 0, 7.3), (7.3, 0, 5.55)], 60)
    lower = bezier([(7.3, 0, 5.55), (7.05, 0, 3.8), (5.7, 0, 2.5), (RADIUS - 0.12, 0, 2.15)], 60)
    path = np.vstack([upper, lower[1:]])
    share = np.linspace(0, 1, len(path))
    flare = 0.42 * np.exp(-((np.minimum(share, 1 - share) / 0.045) ** 2))
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    oval = np.column_stack([_power(np.cos(turn)) * 0.42, _power(np.sin(turn)) * 0.66])
    return sweep(path[::-1], (0, -1, 0), [oval * (1 + f) for f in flare])


def _power(wave: np.ndarray) -> np.ndarray:
    return np.sign(wave) * np.abs(wave) ** 0.8


def _printed() -> dict[str, Any]:
    """The glaze with the mark on the side that faces the camera (u = 0.75)."""
    profile = fillet([(2.75, 0.16, 0), (3.05, 0.16, 0.1), (RADIUS - 0.02, 1.0, 1.5), (RADIUS, HEIGHT, 0)], steps=24)
    curve = np.linalg.norm(np.diff(np.vstack([profile[:-1], [[RADIUS, HEIGHT - 0.2]], _rim(0, 60)]), axis=0), axis=1)
    total = curve.sum()
    height_above_end = HEIGHT - 0.2 + curve[-13:].sum()
    wide, tall = MARK_WIDTH / (2 * np.pi * RADIUS), MARK_HEIGHT / total
    bottom = 1 - (height_above_end - (MARK_MIDDLE - MARK_HEIGHT / 2)) / total
    return texture(_mark(), (0.75 - wide / 2, bottom), (wide, tall))


def _mark() -> Image.Image:
    """A rising sun over the word Morgen."""
    width, height = 2450, 2200
    image = Image.new("RGB", (width, height), GLAZE)
    draw = ImageDraw.Draw(image)
    middle, horizon, sun = width / 2, 1230, 430
    draw.pieslice([middle - sun, horizon - sun, middle + sun, horizon + sun], 180, 360, fill=MARK)
    for turn in np.radians(np.linspace(180, 360, 11)):
        way = np.array([np.cos(turn), np.sin(turn)])
        ends = [(middle + r * way[0], horizon + r * way[1] - (18 if abs(way[1]) < 0.1 else 0)) for r in (560, 820)]
        draw.line([*ends[0], *ends[1]], fill=MARK, width=52)
        for x, y in ends:
            draw.ellipse([x - 26, y - 26, x + 26, y + 26], fill=MARK)
    spaced(draw, "MORGEN", (middle, 1620), 400, 60, MARK, weight=11)
    spaced(draw, "slow coffee, early light", (middle, 1985), 150, 14, MARK)
    return image


def _floor() -> tuple[Mesh, Any]:
    return cyclorama(110, 55, 55, 1, 1.02), matte("#ffffff")


def _sweep(colour: str) -> tuple[Mesh, Any]:
    return cyclorama(84, 70, 30, 22, 120), matte(colour)


def _daylight() -> np.ndarray:
    boxes = [Softbox(258, 18, 15, 34, 9.0), Softbox(84, 14, 9, 32, 5.0), Softbox(180, 80, 44, 44, 1.6)]
    return environment(boxes, (0.72, 0.74, 0.77), (0.5, 0.5, 0.5))


def _window() -> np.ndarray:
    boxes = [
        Softbox(272, 22, 15, 38, 13.0, (1, 0.96, 0.88), 0.12),
        Softbox(78, 14, 7, 32, 4.0),
        Softbox(205, 44, 24, 18, 5.0),
    ]
    return environment(boxes, (0.36, 0.38, 0.42), (0.25, 0.23, 0.2))
