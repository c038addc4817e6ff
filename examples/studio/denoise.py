"""Joint non-local means: grain goes, edges, textures and reflections stay.

Each half of the exposure is filtered with weights measured on the other half, so that noise never confirms itself; colour distances
are compared with the noise the two halves show, and albedo and normal edges always hold.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene import Image, Negative

REACH = 5
STRENGTH = 0.6
FEATURE_SCALE = np.array([0.02, 0.02, 0.02, 0.06, 0.06, 0.06], dtype=np.float32)
FLOOR = 4e-5


def denoise(negative: Negative) -> Image:
    """Linear RGBA (H, W, 4) without grain; alpha is the mean of the halves."""
    first, second = _compress(negative.first[..., :3]), _compress(negative.second[..., :3])
    noise = _noise(first, second)
    sums = [np.zeros_like(first), np.zeros_like(first)]
    weights = [np.zeros(first.shape[:2], np.float32) for _ in sums]
    for down in range(-REACH, REACH + 1):
        for right in range(-REACH, REACH + 1):
            alike = _features_alike(negative.features, down, right)
            for half, (guide, filtered) in enumerate(((second, first), (first, second))):
                weight = alike * _colours_alike(guide, noise, down, right)
                sums[half] += weight[..., None] * _shift(filtered, down, right)
                weights[half] += weight
    clean = sum(total / weight[..., None] for total, weight in zip(sums, weights, strict=True)) / 2
    alpha = (negative.first[..., 3:] + negative.second[..., 3:]) / 2
    return np.concatenate([_expand(clean), alpha], axis=-1).astype(np.float32)


def _noise(first: Image, second: Image) -> Image:
    """Variance of one half, from the difference of the two, smoothed over a neighbourhood."""
    return cv2.GaussianBlur((first - second) ** 2 / 2, (0, 0), 3) + FLOOR


def _colours_alike(guide: Image, noise: Image, down: int, right: int) -> NDArray[np.float32]:
    other, its_noise = _shift(guide, down, right), _shift(noise, down, right)
    distance = ((guide - other) ** 2 - (noise + np.minimum(noise, its_noise))) / (noise + its_noise)
    patch = cv2.blur(distance.mean(axis=-1), (5, 5), borderType=cv2.BORDER_REFLECT)
    return np.exp(-np.maximum(patch, 0) / STRENGTH)


def _features_alike(features: Image, down: int, right: int) -> NDArray[np.float32]:
    distance = ((features - _shift(features, down, right)) / FEATURE_SCALE) ** 2
    return np.exp(-distance.max(axis=-1))


def _shift(image: Image, down: int, right: int) -> Image:
    height, width = image.shape[:2]
    rows = np.clip(np.arange(height) + down, 0, height - 1)
    columns = np.clip(np.arange(width) + right, 0, width - 1)
    return image[rows][:, columns]


def _compress(colour: Image) -> Image:
    return np.sqrt(np.maximum(colour, 0))


def _expand(colour: Image) -> Image:
    return colour**2
