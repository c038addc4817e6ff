"""Segments the product: the u2netp network, refined by GrabCut and a guided filter, with a measure of reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.raster import dilate, erode, fit_within, smoothstep, stretch, to_u8
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.photo.network import Network

_NETWORK_SIDE = 256
"""The network was trained at 320; a smaller input handles products that fill the photo better, in 0.6 of the time."""

_RESULT = "1959"
"""Name of the network's fused output, one of seven."""

SIDE = 512
"""Longer side of the photo for GrabCut and for the proof of its mask."""

_ROUNDS = 2
"""Iterations of GrabCut; a third hardly changes the outline."""

_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)
"""Colour statistics of the network's training (ImageNet)."""


@dataclass(frozen=True, slots=True)
class Matte:
    """A soft mask of the photo's size (0-255). `agreement` is the overlap of the network's and GrabCut's masks (IoU, 0-1);
    `coverage` the fraction of the photo that is product. `small` is the photo at `SIDE`; of its size are `network`, the network's
    mask (0-255), and `again`, that of the mirrored photo, if the product was small enough to be looked at again."""

    alpha: U8
    agreement: float
    coverage: float
    small: U8
    network: U8
    again: U8 | None


class Matter:
    """Finds the product by the network. Thread-safe."""

    def __init__(self, model: Path) -> None:
        self._network = Network(model)

    def __call__(self, rgb: U8) -> Matte:
        small = fit_within(rgb, SIDE)
        with self._network.loaded():
            first = self._probability(small)
            closer = self._closer_look(small, first)
        guess = closer if closer is not None and _overlap(closer > 0.5, first > 0.5) > 0.6 else first
        cut = _grabcut(small, guess)
        network, again = (
            to_u8(255 * guess),
            None if closer is None else to_u8(255 * (first if guess is closer else closer)),
        )
        if cut is None:
            return Matte(np.zeros(rgb.shape[:2], np.uint8), 0.0, float((guess > 0.5).mean()), small, network, again)
        alpha = _fine(rgb, small, cut.astype(np.float32))
        return Matte(alpha, _overlap(guess > 0.5, cut > 0), float(cut.mean()), small, network, again)

    def second_look(self, small: U8) -> U8:
        """The network's mask (0-255) of the mirrored photo, turned back: the same where the mask is reliable."""
        return to_u8(255 * np.ascontiguousarray(self._probability(np.ascontiguousarray(small[:, ::-1]))[:, ::-1]))

    def _closer_look(self, small: U8, guess: Floats) -> Floats | None:
        """A second pass, mirrored, over the neighbourhood of a product that fills little of the photo, for finer edges."""
        box = mask_box(guess > 0.4)
        height, width = guess.shape
        if box is None or box.width * box.height > 0.35 * width * height:
            return None
        near = box.grown(0.2 * max(box.width, box.height)).clipped(Box(0, 0, width, height))
        rows, columns = slice(int(near.top), int(near.bottom)), slice(int(near.left), int(near.right))
        closer = np.zeros_like(guess)
        closer[rows, columns] = self._probability(np.ascontiguousarray(small[rows, columns][:, ::-1]))[:, ::-1]
        return closer

    def _probability(self, rgb: U8) -> Floats:
        square = cv2.resize(rgb, (_NETWORK_SIDE, _NETWORK_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        scaled = (square / max(float(square.max()), 1.0) - _MEAN) / _DEVIATION
        blob = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)
        (output,) = self._network(blob, [_RESULT])
        raw = output.reshape(_NETWORK_SIDE, _NETWORK_SIDE)
        low, high = float(raw.min()), float(raw.max())
        return stretch(((raw - low) / max(high - low, 1e-6)).astype(np.float32), rgb.shape[1], rgb.shape[0])


def mask_box(mask: object) -> Box | None:
    """Bounds of the true pixels of a mask, or None when there are none."""
    left, top, width, height = cv2.boundingRect(np.asarray(mask, dtype=np.uint8))
    return Box(left, top, left + width, top + height) if width else None


def _overlap(first: object, second: object) -> float:
    a, b = cast("U8", first), cast("U8", second)
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0


def _grabcut(small: U8, guess: Floats) -> U8 | None:
    """Mask of 0 and 1, or None when the guess has no certain product or no certain background."""
    reach = max(2, round(max(small.shape[:2]) * 0.012))
    likely = (guess > 0.5).astype(np.uint8)
    labels = np.full(guess.shape, cv2.GC_PR_BGD, dtype=np.uint8)
    labels[likely > 0] = cv2.GC_PR_FGD
    labels[erode((guess > 0.9).astype(np.uint8), reach) > 0] = cv2.GC_FGD
    labels[dilate((guess > 0.1).astype(np.uint8), 2 * reach) == 0] = cv2.GC_BGD
    if not (labels == cv2.GC_FGD).any() or not (labels == cv2.GC_BGD).any():
        return None
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, labels, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)  # pyright: ignore[reportCallIssue, reportArgumentType]
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    return _main_parts(found)


def _main_parts(mask: U8) -> U8:
    """Removes connected parts smaller than 4 % of the largest and fills small holes."""
    closed = cast("U8", cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if count < 2:
        return closed
    areas = np.asarray(stats)[1:, cv2.CC_STAT_AREA]
    keep = np.flatnonzero(areas >= 0.04 * areas.max()) + 1
    return np.isin(labels, keep).astype(np.uint8)


def _fine(rgb: U8, small: U8, mask: Floats) -> U8:
    """The mask at the photo's size, aligned with the photo's edges (fast colour guided filter, He and Sun 2015)."""
    slope, offset = _guided(small.astype(np.float32) / 255, mask, radius=4, epsilon=2e-4)
    height, width = rgb.shape[:2]
    fine = stretch(offset, width, height)
    for weight, plane in zip(slope, cv2.split(rgb), strict=True):
        fine += cast("Floats", cv2.multiply(stretch(weight, width, height), plane, scale=1 / 255, dtype=cv2.CV_32F))
    return cast("U8", cv2.LUT(cast("U8", cv2.convertScaleAbs(cv2.max(fine, 0.0), alpha=255)), _EDGE))  # pyright: ignore[reportCallIssue, reportArgumentType]


_EDGE = (smoothstep(0.12, 0.88, np.arange(256, dtype=np.float32) / 255) * 255 + 0.5).astype(np.uint8)
"""Lookup table that removes a mask's faint ends."""


def _guided(guide: Floats, mask: Floats, radius: int, epsilon: float) -> tuple[list[Floats], Floats]:
    """Per-pixel linear model of the mask in the guide's colours: a slope per channel and an offset, all (height, width)."""

    def mean(image: Floats) -> Floats:
        return cast("Floats", cv2.blur(image, (2 * radius + 1, 2 * radius + 1)))

    colors = [np.ascontiguousarray(guide[:, :, channel]) for channel in range(3)]
    centers, target = [mean(color) for color in colors], mean(mask)
    joint = [mean(color * mask) - center * target for color, center in zip(colors, centers, strict=True)]
    spread = {
        (i, j): mean(colors[i] * colors[j]) - centers[i] * centers[j] + (epsilon if i == j else 0.0)
        for i in range(3)
        for j in range(i, 3)
    }
    slope = _solved(spread, joint)
    offset = target - sum(part * center for part, center in zip(slope, centers, strict=True))
    return [mean(part.astype(np.float32)) for part in slope], mean(offset.astype(np.float32))


def _solved(matrix: Mapping[tuple[int, int], Floats], right: Sequence[Floats]) -> list[Floats]:
    """Solves a symmetric 3 x 3 system per pixel, by cofactors. `matrix` holds the upper triangle."""
    a, b, c = matrix[0, 0], matrix[0, 1], matrix[0, 2]
    d, e, f = matrix[1, 1], matrix[1, 2], matrix[2, 2]
    x, y, z = right
    first, second, third = d * f - e * e, c * e - b * f, b * e - c * d
    scale = 1 / (a * first + b * second + c * third)
    middle, last, cross = a * f - c * c, a * d - b * b, b * c - a * e
    return [
        scale * (first * x + second * y + third * z),
        scale * (second * x + middle * y + cross * z),
        scale * (third * x + cross * y + last * z),
    ]
