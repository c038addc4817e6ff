"""From linear light to a picture file: background, tone curve, 8 bits with dither, JPEG or PNG."""

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from studio.scene import Image, View

SHOULDER = 0.72
JPEG_QUALITY = 90


def develop(linear: Image, view: View) -> Pillow.Image:
    """Expose, put the product on white where the view asks for it, and apply the tone curve."""
    colour, alpha = linear[..., :3] * view.exposure, np.clip(linear[..., 3:], 0, 1)
    if view.ground == "white":
        colour = colour + (1 - alpha) * 2
    if view.ground == "clear":
        colour = colour / np.maximum(alpha, 1e-3)
        return Pillow.fromarray(np.dstack([_eight_bits(colour), np.round(alpha * 255).astype(np.uint8)]))
    return Pillow.fromarray(_eight_bits(colour))


def save(picture: Pillow.Image, stem: Path) -> Path:
    """Write a JPEG, or a PNG where the picture has an alpha channel."""
    if picture.mode == "RGBA":
        path = stem.with_suffix(".png")
        picture.save(path, optimize=True)
    else:
        path = stem.with_suffix(".jpg")
        picture.save(path, quality=JPEG_QUALITY, optimize=True, progressive=True, subsampling="4:2:0")
    return path


def _eight_bits(colour: Image) -> np.ndarray:
    """Roll highlights off smoothly (1.28 and beyond is white), encode as sRGB, dither against banding."""
    over = np.clip((colour - SHOULDER) / (2 * (1 - SHOULDER)), 0, 1)
    rolled = np.where(colour < SHOULDER, np.maximum(colour, 0), SHOULDER + (1 - SHOULDER) * (1 - (1 - over) ** 2))
    encoded = np.where(rolled <= 0.0031308, 12.92 * rolled, 1.055 * rolled ** (1 / 2.4) - 0.055)
    grain = np.random.default_rng(1).uniform(-0.5, 0.5, encoded.shape[:2])[..., None]
    dithered = np.where(encoded >= 0.999, 255, encoded * 255 + grain * 0.9)
    return np.clip(np.round(dithered), 0, 255).astype(np.uint8)
