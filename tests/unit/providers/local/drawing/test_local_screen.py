"""Frames composed in their own planes, part of them at half the size, against the same composed in R'G'B' pixel by pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.providers.local.drawing.camera import Pose
from adreel.providers.local.drawing.layers import Layer, LayerStage
from adreel.providers.local.drawing.premultiply import LayerPose, layer_of, soft_layer_of
from adreel.providers.local.drawing.raster import blur, halve, to_u8
from adreel.providers.local.drawing.yuv import frame_planes, to_yuv
from adreel.providers.local.shot.canvas import CanvasTransform
from adreel.providers.local.shot.product import plate_of

Floats = npt.NDArray[np.float32]
WIDTH, HEIGHT = 960, 540
AREA = Box(0, 0, WIDTH, HEIGHT)
LAYER_POSE = LayerPose((WIDTH / 2, HEIGHT / 2), 0.0, 1.0, None)
TRANSFORM = CanvasTransform(1.0, 1.0, 0.0, 0.0)


def gradient() -> Floats:
    """A set, soft from one corner to the other."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH, dtype=np.float32), np.linspace(0, 1, HEIGHT, dtype=np.float32))
    return np.stack([60 + 150 * x, 180 - 60 * y, 120 + 60 * x * y], axis=2).astype(np.float32)


def disc(radius: float, soft: float) -> Floats:
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    hard = (np.hypot(x - WIDTH / 2, y - HEIGHT / 2) < radius).astype(np.float32)
    return np.asarray(blur(hard, soft), np.float32)


def product() -> tuple[Floats, Floats]:
    """A red disc with stripes, and its opacity."""
    stripes = 128 + 90 * np.sin(np.arange(WIDTH, dtype=np.float32) / 5)[None, :, None]
    color = np.broadcast_to(stripes * np.array([1.0, 0.35, 0.3], np.float32), (HEIGHT, WIDTH, 3))
    return color.astype(np.float32), disc(120, 1.2)


def drawn(layers: list[Layer]) -> npt.NDArray[np.uint8]:
    size = FrameSize(WIDTH, HEIGHT)
    plate = plate_of(np.asarray(halve(gradient()), np.float32), AREA, 1.0, 5)
    return LayerStage(plate, layers, [Pose()], size).draw(0)


def wanted(picture: Floats) -> tuple[Floats, Floats]:
    yuv = np.asarray(to_yuv(picture), np.float32)
    return yuv[:, :, 0], np.asarray(halve(np.ascontiguousarray(yuv[:, :, 1:])), np.float32)


def differences(frame: npt.NDArray[np.uint8], picture: Floats) -> tuple[Floats, Floats]:
    planes = frame_planes(frame, WIDTH, HEIGHT)
    luma, chroma = wanted(picture)
    return np.abs(planes.y - luma), np.abs(np.stack([planes.u, planes.v], axis=2) - chroma)


def test_a_sharp_layer_over_a_shadow_is_what_it_is_in_rgb() -> None:
    color, alpha = product()
    shade = 1 - 0.6 * disc(150, 20)
    own = to_u8(color * alpha[:, :, None])
    layers = [soft_layer_of(None, shade, TRANSFORM, LAYER_POSE, 1), layer_of(own, 1 - alpha, TRANSFORM, LAYER_POSE, 2)]
    picture = gradient() * shade[:, :, None] * (1 - alpha)[:, :, None] + color * alpha[:, :, None]
    luma, chroma = differences(drawn(layers), picture.astype(np.float32))
    # Dither is one level; sampling between lattice points adds what it adds at the steepest edges.
    assert luma.mean() < 0.7
    assert np.quantile(luma, 0.999) < 3
    assert luma.max() < 9
    assert chroma.mean() < 0.6
    assert chroma.max() < 6


@pytest.mark.parametrize("behind", [True, False])
def test_a_soft_layer_looks_the_same_before_and_behind_what_is_sharp(*, behind: bool) -> None:
    """Behind it is drawn at half the size with the set, before it at the whole size."""
    color, alpha = product()
    veil, tint = 0.5 * disc(180, 16), np.array([40.0, 90.0, 200.0], np.float32)
    sharp = layer_of(to_u8(color * alpha[:, :, None]), 1 - alpha, TRANSFORM, LAYER_POSE, 2)
    soft = soft_layer_of(to_u8(veil[:, :, None] * tint), 1 - veil, TRANSFORM, LAYER_POSE, 1)
    opaque = [(veil, np.broadcast_to(tint, color.shape)), (alpha, color)]
    picture = gradient()
    for part, own in opaque if behind else reversed(opaque):
        picture = (picture * (1 - part)[:, :, None] + own * part[:, :, None]).astype(np.float32)
    luma, chroma = differences(drawn([soft, sharp] if behind else [sharp, soft]), picture)
    assert luma.mean() < 0.9
    assert np.quantile(luma, 0.999) < 3.5
    assert chroma.mean() < 0.7
    assert chroma.max() < 6


def test_what_the_product_hides_may_be_left_out() -> None:
    color, _ = product()
    large = np.zeros((HEIGHT, WIDTH), np.float32)
    large[60:480, 40:920] = 1
    own = to_u8(color * large[:, :, None])
    hiding = LayerPose(LAYER_POSE.pivot, 0.0, 1.0, Box(48, 64, 912, 476))
    frames = [drawn([layer_of(own, 1 - large, TRANSFORM, stand, 2, 0.2)]) for stand in (LAYER_POSE, hiding)]
    assert (frames[0] == frames[1]).all()
