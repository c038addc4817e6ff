"""Mitsuba materials as plain descriptions. Colours are sRGB hex strings."""

from typing import Any

import mitsuba as mi
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from studio.scene import Image

Description = dict[str, Any]
Reflectance = str | Description


def linear(colour: str) -> list[float]:
    """Linear RGB of an sRGB hex colour such as `#1f4e5f`."""
    encoded = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).tolist()


def tone(colour: str) -> Description:
    """A plain reflectance."""
    return {"type": "rgb", "value": linear(colour)}


def texture(
    picture: Pillow.Image, offset: tuple[float, float] = (0, 0), extent: tuple[float, float] = (1, 1)
) -> Description:
    """A drawn picture placed at `offset` over `extent` of the uv square; its edge colour continues outside.

    Mitsuba reads the first row of a bitmap at v = 0, so the picture is turned over: its top lies at the higher v.
    """
    place = mi.ScalarTransform3f().scale([1 / extent[0], 1 / extent[1]]).translate([-offset[0], -offset[1]])
    pixels = mi.Bitmap(np.array(picture.convert("RGB"))[::-1].copy())
    return {"type": "bitmap", "bitmap": pixels, "wrap_mode": "clamp", "to_uv": place}


def grain(height: NDArray[np.float64], repeat: tuple[float, float]) -> Description:
    """A height field repeated over the uv square, for `bumped`."""
    pixels = mi.Bitmap(height.astype(np.float32)[..., None])
    return {
        "type": "bitmap",
        "bitmap": pixels,
        "raw": True,
        "wrap_mode": "mirror",
        "to_uv": mi.ScalarTransform3f().scale(list(repeat)),
    }


def tiled(picture: Pillow.Image, repeat: tuple[float, float]) -> Description:
    """A drawn picture repeated over the uv square, mirrored so that no seam shows."""
    return texture(picture) | {"wrap_mode": "mirror", "to_uv": mi.ScalarTransform3f().scale(list(repeat))}


def matte(colour: Reflectance) -> Description:
    """Paper, fabric: no gloss. Takes a hex colour or a texture."""
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": _as_texture(colour)}}


def glazed(colour: Reflectance, roughness: float = 0.06) -> Description:
    """Coloured body under a clear coat: ceramic glaze, lacquer, leather (rougher)."""
    coat = {"type": "roughplastic", "distribution": "ggx", "alpha": roughness, "int_ior": 1.5, "nonlinear": True}
    return {"type": "twosided", "bsdf": {**coat, "diffuse_reflectance": _as_texture(colour)}}


def bumped(material: Description, height: Description, scale: float) -> Description:
    """A material with a relief too fine for geometry."""
    inner = material["bsdf"]
    return {"type": "twosided", "bsdf": {"type": "bumpmap", "relief": height, "scale": scale, "inner": inner}}


def metal(name: str = "Cr", roughness: float = 0.08, tint: str = "#ffffff") -> Description:
    """A conductor with measured optical constants; `tint` multiplies its reflectance."""
    rough = {"type": "roughconductor", "distribution": "ggx", "alpha": roughness, "material": name}
    return {"type": "twosided", "bsdf": {**rough, "specular_reflectance": tone(tint)}}


def clear(inside: float, outside: float = 1.0, tint: tuple[float, float, float] = (1, 1, 1)) -> Description:
    """A smooth interface between two transparent media; `tint` colours what passes through it."""
    passed = {"type": "rgb", "value": list(tint)}
    return {"type": "dielectric", "int_ior": inside, "ext_ior": outside, "specular_transmittance": passed}


def relief(image: Image) -> NDArray[np.float64]:
    """Scale a field to 0..1."""
    return (image - image.min()) / (image.max() - image.min())


def _as_texture(colour: Reflectance) -> Description:
    return tone(colour) if isinstance(colour, str) else colour
