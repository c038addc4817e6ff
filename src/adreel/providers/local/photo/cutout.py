"""Cuts the product out of its photo: own colours, no rim of the old ground, and the set's light that passes around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.raster import blur, dilate, erode, grid, least_channel, luma, smoothstep
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.photo.matte import mask_box


@dataclass(frozen=True, slots=True)
class Cutout:
    """Crop of a photo around the product. `color` (height, width, 3); `alpha` (height, width): opacity of the product;
    `passing` (height, width, 3) or None: elsewhere, the fraction of the set's light that is visible, 255 for all of it
    (less in the photo's own shadow, in glass, in hair). `box`: the product's bounds in the crop; `detail`: its most
    interesting point; `cut_below`: the photo's lower border cuts the product."""

    color: U8
    alpha: U8
    passing: U8 | None
    box: Box
    detail: tuple[float, float]
    cut_below: bool


def crop_around(mask: U8, box: Box, margin: float) -> tuple[slice, slice]:
    """Rows and columns of the product's box with a margin of `margin` times its longer side."""
    height, width = mask.shape
    near = box.grown(margin * max(box.width, box.height)).clipped(Box(0, 0, width, height))
    return slice(int(near.top), int(near.bottom)), slice(int(near.left), int(near.right))


def cut_transparent(rgb: U8, alpha: U8) -> Cutout:
    """Cuts out a photo with transparency: uses its alpha, only adapts the edge colours to the product."""
    firm = (smoothstep(6.0, 250.0, alpha.astype(np.float32)) * 255).astype(np.uint8)
    color = spread_inner_color(rgb, alpha, solid=250)
    return _finished(color, firm, cut_below=False)


def cut_free(rgb: U8, matte: U8, background: U8, *, cut_below: bool) -> Cutout:
    """Cuts out a photo on any plain ground, for use on any other. The inside is unchanged; along the outline, opacity is each
    pixel's position between the ground's colour and the product's, and the colour is the product's."""
    reach = max(2, round(max(rgb.shape[:2]) / 800))
    inner = erode(matte, reach + 1)
    color = spread_inner_color(rgb, inner, solid=250)
    alpha = np.where(inner >= 250, np.uint8(255), np.uint8(0))
    rim = (dilate(matte, reach - 1) > 20) & (inner < 250)
    least, soft, most = (
        blur(plane, 0.9)[rim].astype(np.float32) for plane in (erode(matte, 2), erode(matte, 1), matte)
    )
    measured = 255 * _rim_opacity(rgb[rim], color[rim], background[rim], soft / 255)
    # A shiny edge looks like its ground; the mask limits the measured opacity there.
    alpha[rim] = np.clip(measured, least, most) + 0.5
    return _finished(color, cast("U8", cv2.medianBlur(alpha, 3)), cut_below=cut_below)


def _rim_opacity(photo: U8, product: U8, ground: U8, guess: Floats) -> Floats:
    """The share of product, 0-1, in pixels (count, 3) between two known colours. `guess` counts where these are similar."""
    direction = product.astype(np.float32) - ground
    along = (direction * (photo.astype(np.float32) - ground)).sum(axis=1)
    length = (direction * direction).sum(axis=1)
    trust = smoothstep(20.0, 45.0, np.sqrt(length))
    measured = np.clip((along / np.maximum(length, 1.0) - 0.06) / 0.88, 0, 1)
    return trust * measured + (1 - trust) * guess


def cut_from_light(
    rgb: U8, matte: U8, background: U8, *, solid: bool, cut_below: bool, box: Box | None = None
) -> Cutout:
    """Cuts out a photo on light, plain ground: solid inside, and along the outline the photo divided by its ground, which leaves
    no rim when multiplied with another ground. Not `solid`: divided everywhere, for a mask that only locates the product.
    `box`: the product's bounds, if they are not those of the mask."""
    box = box or mask_box(matte > 100) or Box(0, 0, matte.shape[1], matte.shape[0])
    passing = light_passing(rgb, background, box)
    if not solid:
        return Cutout(rgb, np.zeros_like(matte), passing, box, detail_point(rgb, matte, box), cut_below)
    reach = max(2, round(max(rgb.shape[:2]) / 450))
    inner = erode(_without_ground(matte, passing, 3 * reach), reach)
    return Cutout(rgb, blur(inner, 0.6 * reach), passing, box, detail_point(rgb, matte, box), cut_below)


def light_passing(rgb: U8, background: U8, box: Box) -> U8:
    """The photo divided by its fitted ground; small deviations count as ground, and the result fades to ground between the
    product's box and the crop's borders."""
    ratio = cast("U8", cv2.divide(rgb, background, scale=255))
    steps = np.arange(256, dtype=np.float32)
    # The first 4 of 255 steps are noise; the following ones are stretched to join the rest.
    missing = np.where(steps > 240, np.clip(251 - steps, 0, None) * (15 / 11), 255 - steps)
    lost = cast("U8", cv2.LUT(ratio, (missing + 0.5).astype(np.uint8)))
    if is_colored(background):
        # Light reflected by a coloured ground tints its shadows, which is wrong on a set of another colour.
        grey = luma(lost)
        lost = cast("U8", cv2.merge([grey, grey, grey]))
    fade = (255 * _fade(rgb.shape[1], rgb.shape[0], box) + 0.5).astype(np.uint8)
    faded = cv2.multiply(lost, cv2.merge([fade, fade, fade]), scale=1 / 255)
    return cast("U8", cv2.bitwise_not(faded))


def is_colored(background: U8) -> bool:
    """Whether a ground (height, width, 3) has a colour that its shadows share."""
    red, green, blue = (float(value) for value in background[::32, ::32].reshape(-1, 3).mean(axis=0))
    return max(red, green, blue) - min(red, green, blue) > 16


def _fade(width: int, height: int, box: Box) -> Floats:
    """1 at the product's box, 0 at the crop's borders, round between, so that a shadow cut off by the photo fades softly."""
    columns, rows = grid(width, height)
    across = np.maximum((box.left - columns) / max(box.left, 4.0), (columns - box.right) / max(width - box.right, 4.0))
    down = np.maximum((box.top - rows) / max(box.top, 4.0), (rows - box.bottom) / max(height - box.bottom, 4.0))
    return 1 - smoothstep(0.05, 0.92, np.hypot(np.clip(across, 0, None), np.clip(down, 0, None)))


def _without_ground(matte: U8, passing: U8, reach: int) -> U8:
    """The mask without pixels that look like the ground in a band along its outline."""
    ground = (least_channel(passing) > 250).astype(np.uint8)
    band = erode(matte, reach) < 128
    cleaned = matte.copy()
    cleaned[(dilate(erode(ground, 1), 1) > 0) & band] = 0
    return cleaned


def spread_inner_color(rgb: U8, alpha: U8, solid: int) -> U8:
    """Fills pixels that are not solid with the colours of the nearest solid ones, so that edges show none of the old ground."""
    inside = (alpha >= solid).astype(np.float32)
    weighted = rgb.astype(np.float32) * inside[:, :, None]
    result = rgb.copy()
    missing = alpha < solid
    for sigma in (24.0, 6.0, 1.5):
        total = blur(inside, sigma)
        known = missing & (total > 0.02)
        result[known] = (blur(weighted, sigma)[known] / total[known][:, None]).clip(0, 255).astype(np.uint8)
    return result


def _finished(color: U8, alpha: U8, *, cut_below: bool) -> Cutout:
    box = mask_box(alpha > 100) or Box(0, 0, alpha.shape[1], alpha.shape[0])
    return Cutout(color, alpha, None, box, detail_point(color, alpha, box), cut_below)


def detail_point(rgb: U8, alpha: U8, box: Box) -> tuple[float, float]:
    """Where the product is richest in fine contrast (label, dial, seams), away from its outline."""
    rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
    grey, mask = luma(rgb[rows, columns]).astype(np.float32), alpha[rows, columns]
    step = max(1, round(max(mask.shape) / 300))
    grey, mask = blur(grey, 0.6 * step)[::step, ::step], mask[::step, ::step]
    contrast = np.abs(grey - blur(grey, 3.0)) + 0.5 * np.abs(grey - blur(grey, 8.0))
    size = max(mask.shape)
    inside = erode(np.pad((mask > 200).astype(np.uint8), 1), max(2, round(0.04 * size)))[1:-1, 1:-1]
    middle = np.exp(-0.5 * (_from_middle(mask.shape[1], mask.shape[0], size) / 0.36) ** 2)
    interest = blur((np.minimum(contrast, 40) * inside).astype(np.float32), 0.12 * size) * middle
    if float(interest.max()) <= 0.05:
        return box.center
    y, x = divmod(int(interest.argmax()), interest.shape[1])
    return box.left + x * step, box.top + y * step


def _from_middle(width: int, height: int, size: int) -> Floats:
    columns, rows = grid(width, height)
    return np.hypot(columns - width / 2, rows - height / 2) / size
