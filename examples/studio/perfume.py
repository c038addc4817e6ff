"""A bottle of perfume of the invented brand Lumen: heavy glass, amber liquid, a lacquered cap and a paper label."""

from typing import Any

import mitsuba as mi
import numpy as np
from PIL import Image, ImageDraw

from studio.geometry import Mesh, circle, cyclorama, fillet, loft, plate, rotation, rounded_rectangle
from studio.lettering import spaced
from studio.light import Softbox, environment
from studio.materials import bumped, clear, glazed, grain, matte, metal, relief, texture, tiled
from studio.scene import Camera, View
from studio.surfaces import cloud, lights_out_of_focus, stone

GLASS, PERFUME = 1.5, 1.36
AMBER = (0.97, 0.61, 0.21)
OUTER, INNER = (2.9, 1.5, 0.6), (2.42, 1.02, 0.38)
FLOOR_OF_LIQUID, LEVEL, CEILING, TOP = 0.85, 5.75, 6.9, 7.6
LABEL = (1.6, 1.75)
LABEL_MIDDLE = 3.35
STILL = 13


def views() -> list[View]:
    """Front, cut out on nothing (transparent PNG), on a stone plinth before lights out of focus, and a detail."""
    paper = (cyclorama(120, 80, 34, 22, 140), matte("#d6c4ae"))
    plinth = [(_plinth(), _stone())]
    return [
        View(
            "front",
            (1280, 1600),
            Camera((0, -62, 8.5), (0, 0, 5.3), 9.6),
            [*_bottle(0), paper],
            _strips(),
            [],
            exposure=0.98,
            spp=16,
            depth=STILL,
        ),
        View(
            "cutout",
            (1160, 1600),
            Camera((-14, -58, 9.5), (0, 0, 5.3), 9.2),
            _bottle(0),
            _tent(),
            [],
            ground="clear",
            exposure=0.95,
            spp=32,
            depth=STILL,
        ),
        View(
            "scene",
            (1200, 1600),
            Camera((-9, -52, 9), (0, 0, 4.6), 13.2, 0.4, (0, -1.5, 4)),
            [*_bottle(14), *plinth],
            _evening(),
            [_backdrop()],
            exposure=1.0,
            spp=32,
            depth=STILL,
        ),
        View(
            "detail",
            (1600, 1200),
            Camera((9, -24, 11.5), (0.1, -0.6, 5.6), 24.5, 0.3, (0.2, -1.5, 5.2)),
            [*_bottle(-6), paper],
            _strips(),
            [],
            exposure=0.98,
            spp=16,
            depth=STILL,
        ),
    ]


def _bottle(turn: float) -> list[tuple[Mesh, Any]]:
    parts = [
        (_glass(), clear(GLASS)),
        (_liquid(), clear(PERFUME, GLASS, AMBER)),
        (_surface(), clear(PERFUME)),
        (_air(), clear(1.0, GLASS)),
        (_tube(LEVEL - 0.01, 1.1), clear(1.42, PERFUME)),
        (_tube(CEILING, LEVEL + 0.01), clear(1.42)),
        (_collar(), metal("Au", 0.12, "#f3e6d2")),
        (_cap(), glazed("#0b0b0c", 0.1)),
        (_label(), matte(texture(_printed()))),
    ]
    return [(mesh.moved(rotation("z", turn)), material) for mesh, material in parts]


def _glass() -> Mesh:
    profile = fillet([(1.4, 0.06, 0), (1.0, 0.0, 0.1), (0, 0, 0.22), (0, TOP, 0.5), (1.35, TOP, 0)], steps=12)
    return loft(profile, rounded_rectangle(*OUTER, steps=20))


def _liquid() -> Mesh:
    profile = fillet([(0.95, FLOOR_OF_LIQUID, 0), (0, FLOOR_OF_LIQUID, 0.3), (0, LEVEL, 0)], steps=12)
    return loft(profile, rounded_rectangle(*INNER, steps=16), ends=(True, False))


def _surface() -> Mesh:
    ring = rounded_rectangle(*INNER, steps=16)
    return loft(np.array([[0, LEVEL], [0.5, LEVEL], [0.95, LEVEL]]), ring, ends=(False, True))


def _air() -> Mesh:
    profile = fillet([(0, LEVEL, 0), (0, CEILING, 0.35), (0.95, CEILING, 0)], steps=12)
    return loft(profile, rounded_rectangle(*INNER, steps=16), ends=(False, True))


def _tube(top: float, bottom: float) -> Mesh:
    return loft(np.array([[0.11, bottom], [0.11, top]]), circle(32))


def _collar() -> Mesh:
    profile = fillet([(1.0, TOP - 0.02, 0), (1.18, TOP - 0.02, 0.04), (1.18, 8.15, 0.05), (1.0, 8.15, 0)])
    return loft(profile, circle(160))


def _cap() -> Mesh:
    profile = fillet([(1.0, 8.15, 0), (1.42, 8.15, 0.06), (1.42, 10.75, 0.14), (0.6, 10.75, 0)], steps=12)
    return loft(profile, circle(192))


def _label() -> Mesh:
    return plate(*LABEL, 0.06, 0.02).moved(rotation("x", 90), (0, -OUTER[1] - 0.004, LABEL_MIDDLE))


def _printed() -> Image.Image:
    width, height = 1600, 1750
    paper = cloud((height, width), 3, 60)[..., None] * 8 + np.array([240, 233, 220])
    image = Image.fromarray(paper.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.rectangle([70, 70, width - 70, height - 70], outline="#8d6a2c", width=9)
    draw.rectangle([96, 96, width - 96, height - 96], outline="#8d6a2c", width=4)
    spaced(draw, "LUMEN", (width / 2, 470), 270, 62, "#1a1714", weight=3)
    draw.line([width / 2 - 190, 690, width / 2 + 190, 690], fill="#8d6a2c", width=8)
    spaced(draw, "No. 4", (width / 2, 930), 300, 12, "#1a1714")
    spaced(draw, "AMBER AND CEDAR", (width / 2, 1245), 98, 18, "#1a1714", weight=1)
    spaced(draw, "eau de parfum  50 ml", (width / 2, 1460), 92, 10, "#5a4c3a", weight=1)
    return image


def _plinth() -> Mesh:
    profile = fillet([(3, -9, 0), (4.6, -9, 0.05), (4.6, 0, 0.12), (3, 0, 0)])
    return loft(profile, circle(256))


def _stone() -> dict[str, Any]:
    rough = grain(relief(cloud((1024, 1024), 7, 9)), (5, 2))
    return bumped(matte(tiled(stone(5), (2, 0.8))), rough, 0.03)


def _backdrop() -> dict[str, Any]:
    place = mi.ScalarTransform4f().translate([12, 70, 0]).rotate([1, 0, 0], 90).scale([36, 36, 1])
    picture = mi.Bitmap(lights_out_of_focus((1024, 1024), 5, (0.035, 0.018, 0.011), (0.4, 0.19, 0.085)))
    glow = {"type": "area", "radiance": {"type": "bitmap", "bitmap": picture, "raw": True}}
    return {"type": "rectangle", "to_world": place, "emitter": glow}


def _strips() -> np.ndarray:
    boxes = [
        Softbox(284, 22, 13, 40, 7.0, (1, 0.97, 0.92), 0.15),
        Softbox(76, 18, 8, 36, 6.0, edge=0.15),
        Softbox(205, 38, 22, 16, 5.0),
    ]
    return environment(boxes, (0.5, 0.5, 0.51), (0.3, 0.29, 0.27))


def _tent() -> np.ndarray:
    boxes = [
        Softbox(285, 8, 12, 46, 6.0, edge=0.15),
        Softbox(72, 8, 8, 44, 5.0, edge=0.15),
        Softbox(0, 10, 24, 40, 0.45, edge=0.8),
        Softbox(205, 38, 22, 16, 6.0),
    ]
    return environment(boxes, (0.72, 0.72, 0.72), (0.5, 0.49, 0.47))


def _evening() -> np.ndarray:
    boxes = [
        Softbox(288, 24, 12, 34, 8.0, (1, 0.88, 0.7), 0.15),
        Softbox(60, 16, 8, 34, 8.0, (1, 0.8, 0.56), 0.15),
        Softbox(212, 34, 16, 14, 17.0, (1, 0.93, 0.82)),
    ]
    return environment(boxes, (0.24, 0.2, 0.17), (0.14, 0.1, 0.07))
