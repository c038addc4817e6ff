"""A wrist watch of the invented brand Hale: the set, light and camera of its four views."""

from typing import Any

import mitsuba as mi
import numpy as np

from studio.geometry import Mesh, block, cyclorama, rotation
from studio.light import Softbox, environment
from studio.materials import glazed, matte, tiled
from studio.scene import Camera, View
from studio.surfaces import lights_out_of_focus, wood
from studio.watch_parts import LOOP_DEPTH, case_parts, loop_lowest, strap_parts


def views() -> list[View]:
    """Front on white, an angle on paper, on a wooden table before a busy room, and the dial close up."""
    paper = (cyclorama(120, 60, 30, 20, 120), matte("#8d979c"))
    return [
        View(
            "front",
            (1333, 1600),
            Camera((0, -40, 3.6), (0.1, 0, 3.15), 10.3),
            [*_standing(6, 0), _floor()],
            _bank(),
            [],
            ground="white",
            exposure=0.8,
            spp=16,
            depth=5,
        ),
        View(
            "angle",
            (1600, 1280),
            Camera((11, -25, 9), (-0.9, 1.2, 2.95), 18.8, 0.16, (0, -1.2, 4.2)),
            [*_standing(18, 8), paper],
            _bank(),
            [],
            exposure=0.55,
            spp=16,
            depth=5,
        ),
        View(
            "scene",
            (1280, 1600),
            Camera((-6, -24, 8.2), (0.2, 0.6, 3.3), 15.8, 0.17, (-0.3, -1.4, 4.0)),
            [*_standing(22, -6), *_table()],
            _room(),
            [_backdrop()],
            exposure=1.1,
            spp=32,
            depth=5,
        ),
        View(
            "detail",
            (1600, 1200),
            Camera((4.5, -12.5, 8.0), (0.25, -0.5, 4.0), 20, 0.05, (0.1, -1.15, 4.1)),
            [*_standing(24, 0), paper],
            _bank(),
            [],
            exposure=0.55,
            spp=16,
            depth=5,
        ),
    ]


def _standing(tilt: float, turn: float) -> list[tuple[Mesh, Any]]:
    """The watch standing on its closed strap, dial towards the camera, leaning back by `tilt` degrees."""
    pose = rotation("z", turn) @ rotation("x", 90 - tilt)
    lowest = loop_lowest(pose)
    offset = pose @ np.array([0, 0, LOOP_DEPTH / 2]) * np.array([1, 1, 0]) + np.array([0, 0, -lowest])
    return [(mesh.moved(pose, offset), material) for mesh, material in [*case_parts(), *strap_parts()]]


def _floor() -> tuple[Mesh, Any]:
    return cyclorama(40, 10, 24, 0.1, -1.0), matte("#b9b9b9")


def _table() -> list[tuple[Mesh, Any]]:
    top = block((26, 16), 0.3, -2.2, 0, 0.15)
    uv = top.vertices[:, :2] / np.array([52, 32]) + 0.5
    return [
        (Mesh(top.vertices, top.faces, uv).moved(rotation("z", 9), (3, 2, 0)), glazed(tiled(wood(3), (1, 1)), 0.28))
    ]


def _backdrop() -> dict[str, Any]:
    place = mi.ScalarTransform4f().translate([13, 60, 3]).rotate([1, 0, 0], 90).scale([27, 27, 1])
    picture = lights_out_of_focus((1024, 1024), 8, (0.03, 0.035, 0.045), (0.42, 0.3, 0.2))
    glow = {"type": "area", "radiance": {"type": "bitmap", "bitmap": mi.Bitmap(picture), "raw": True}}
    return {"type": "rectangle", "to_world": place, "emitter": glow}


def _bank() -> np.ndarray:
    boxes = [
        Softbox(262, 34, 15, 26, 15.0, edge=0.12),
        Softbox(88, 26, 7, 26, 12.0, edge=0.12),
        Softbox(180, 84, 40, 18, 12.0, edge=0.15),
        Softbox(222, 6, 5, 12, 3.0, edge=0.5),
    ]
    return environment(boxes, (0.11, 0.11, 0.12), (0.06, 0.06, 0.06))


def _room() -> np.ndarray:
    boxes = [
        Softbox(276, 32, 15, 26, 17.0, (1, 0.96, 0.9), 0.12),
        Softbox(72, 22, 8, 24, 12.0, (1, 0.82, 0.6)),
        Softbox(184, 82, 34, 18, 11.0, edge=0.15),
        Softbox(222, 6, 5, 12, 3.0, edge=0.5),
    ]
    return environment(boxes, (0.1, 0.095, 0.09), (0.05, 0.04, 0.03))
