"""A view (product, set, light, camera) and its exposure by Mitsuba 3 as two independent halves with feature channels."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

from studio.geometry import Mesh, write_ply

Image = NDArray[np.float32]
Vector = tuple[float, float, float]
MAX_WAVEFRONT = 21_000_000


@dataclass(frozen=True)
class Camera:
    """`fov` is the horizontal angle in degrees; `aperture` the lens radius in cm (0: everything sharp), focused on `focus`."""

    origin: Vector
    target: Vector
    fov: float
    aperture: float = 0.0
    focus: Vector | None = None


@dataclass(frozen=True)
class View:
    """One picture: `parts` are (mesh, material) pairs, `extras` further Mitsuba objects, `light` an environment map.

    `ground` tells what is behind the product: the `set` itself, pure `white`, or nothing (`clear`, a transparent PNG).
    """

    name: str
    size: tuple[int, int]
    camera: Camera
    parts: list[tuple[Mesh, Any]]
    light: Image
    extras: list[Any]
    ground: Literal["set", "white", "clear"] = "set"
    exposure: float = 1.0
    spp: int = 48
    depth: int = 5


@dataclass(frozen=True)
class Negative:
    """Two independent linear RGBA exposures (H, W, 4) and the features (H, W, 6): albedo and normal."""

    first: Image
    second: Image
    features: Image


def expose(view: View, scale: float, spp: int) -> Negative:
    """Render a view at `scale` of its size; the seeds are fixed, so a variant of Mitsuba always gives the same picture."""
    scene = _load(view, scale)
    width, height = (round(side * scale) for side in view.size)
    per_pass = 8 if spp % 16 == 0 and width * height * 8 <= MAX_WAVEFRONT else 4
    passes = max(1, round(spp / 2 / per_pass))
    halves, features = [], np.zeros((height, width, 6), np.float32)
    for half in range(2):
        total = np.zeros((height, width, 4), np.float32)
        for step in range(passes):
            raw = np.array(mi.render(scene, spp=per_pass, seed=1 + half * passes + step), dtype=np.float32)
            raw = np.nan_to_num(raw)
            total += _calm(raw[..., :4], view.exposure) / passes
            features += raw[..., 4:10] / (2 * passes)
        halves.append(total)
    return Negative(halves[0], halves[1], features)


def _calm(colour: Image, exposure: float) -> Image:
    """Clamp what is far beyond white, so that one stray path cannot light a pixel (a firefly)."""
    limit = 6.0 / exposure
    peak = colour[..., :3].max(axis=-1, keepdims=True)
    calmed = colour.copy()
    calmed[..., :3] *= np.minimum(1, limit / np.maximum(peak, 1e-6))
    return calmed


def _load(view: View, scale: float) -> mi.Scene:
    with tempfile.TemporaryDirectory() as folder:
        description: dict[str, Any] = {"type": "scene", "integrator": _integrator(view), "sensor": _sensor(view, scale)}
        turned = mi.ScalarTransform4f().rotate([1, 0, 0], 90)
        description["light"] = {"type": "envmap", "bitmap": mi.Bitmap(view.light), "to_world": turned}
        for number, (mesh, material) in enumerate(view.parts):
            path = write_ply(mesh, Path(folder) / f"part{number}.ply")
            description[f"part{number}"] = {"type": "ply", "filename": str(path), "material": material}
        description |= {f"extra{number}": extra for number, extra in enumerate(view.extras)}
        return mi.load_dict(description)


def _integrator(view: View) -> dict[str, Any]:
    path = {"type": "path", "max_depth": view.depth, "rr_depth": view.depth - 2, "hide_emitters": view.ground != "set"}
    return {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "image": path}


def _sensor(view: View, scale: float) -> dict[str, Any]:
    camera, (width, height) = view.camera, view.size
    origin, target = np.array(camera.origin, float), np.array(camera.target, float)
    ahead = (target - origin) / np.linalg.norm(target - origin)
    film = {"type": "hdrfilm", "width": round(width * scale), "height": round(height * scale), "pixel_format": "rgba"}
    sensor: dict[str, Any] = {
        "type": "thinlens" if camera.aperture else "perspective",
        "fov": camera.fov,
        "fov_axis": "x",
        "near_clip": 0.1,
        "far_clip": 5000.0,
        "to_world": mi.ScalarTransform4f().look_at(origin=camera.origin, target=camera.target, up=[0, 0, 1]),
        "film": {**film, "rfilter": {"type": "box"}, "component_format": "float32"},
        "sampler": {"type": "multijitter"},
    }
    if camera.aperture:
        focus = np.array(camera.focus or camera.target, float)
        sensor |= {"aperture_radius": camera.aperture, "focus_distance": float((focus - origin) @ ahead)}
    return sensor
