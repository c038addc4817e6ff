"""Joint non-local means: grain goes, edges, textures and reflections stay.

Each half of the exposure is filtered with weights measured on the other half, so that noise never confirms itself;
brightness differences are compared with the noise the two halves show, and albedo and normal edges always hold.
Work is done on square roots of radiance, where noise is even between lights and shadows. The later
rounds look further, with gaps, and take the faint mottle that the first leaves on smooth paper.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.scene import Image, Negative

STRIDES = (1, 3)
REACH = 7
STRENGTH = 0.55
FEATURE_SCALE = np.array([0.03, 0.03, 0.03, 0.08, 0.08, 0.08], dtype=np.float32)[:, None, None]
LEAST_NOISE = 2e-5
BRIGHTNESS = np.array([0.25, 0.5, 0.25], dtype=np.float32)[:, None, None]
OFFSETS = [
    (y, x)
    for y in range(-REACH, REACH + 1)
    for x in range(-REACH, REACH + 1)
    if (abs(y) < 3 and abs(x) < 3) or (2 * y + x) % 5 == 0
]
Planes = NDArray[np.float32]


def denoise(negative: Negative) -> Image:
    """Linear RGBA (H, W, 4) without grain; alpha is the mean of the halves."""
    halves = [np.sqrt(np.maximum(_planes(half[..., :3]), 0)) for half in (negative.first, negative.second)]
    features = _planes(negative.features) / FEATURE_SCALE
    for stride in STRIDES:
        halves = _filter(halves, features, stride)
    clean = (halves[0] + halves[1]) / 2
    alpha = (negative.first[..., 3:] + negative.second[..., 3:]) / 2
    return np.concatenate([np.moveaxis(clean**2, 0, -1), alpha], axis=-1).astype(np.float32)


def _filter(halves: list[Planes], features: Planes, stride: int) -> list[Planes]:
    guides = [(half * BRIGHTNESS).sum(axis=0) for half in halves]
    noise = cv2.GaussianBlur((guides[0] - guides[1]) ** 2 / 2, (0, 0), 3) + np.float32(LEAST_NOISE)
    sums, weights = [np.zeros_like(half) for half in halves], [np.zeros_like(noise) for _ in halves]
    reach = REACH * stride
    padded_halves, padded_guides = (
        [_padded(half, reach) for half in halves],
        [_padded(guide, reach) for guide in guides],
    )
    padded_noise, padded_features = _padded(noise, reach), _padded(features, reach)
    for offset in [(down * stride, right * stride, reach) for down, right in OFFSETS]:
        unlike = ((features - _window(padded_features, offset)) ** 2).max(axis=0)
        its_noise = _window(padded_noise, offset)
        both, expected = noise + its_noise, noise + np.minimum(noise, its_noise)
        for half in range(2):
            other = 1 - half
            distance = ((guides[other] - _window(padded_guides[other], offset)) ** 2 - expected) / both
            patch = np.maximum(cv2.blur(distance, (5, 5), borderType=cv2.BORDER_REFLECT), 0)
            weight = np.exp(-(patch / STRENGTH + unlike))
            sums[half] += weight * _window(padded_halves[half], offset)
            weights[half] += weight
    return [total / weight for total, weight in zip(sums, weights, strict=True)]


def _planes(image: Image) -> Planes:
    return np.ascontiguousarray(np.moveaxis(image, -1, 0))


def _padded(planes: Planes, reach: int) -> Planes:
    return np.pad(planes, [(0, 0)] * (planes.ndim - 2) + [(reach, reach)] * 2, mode="edge")


def _window(padded: Planes, offset: tuple[int, int, int]) -> Planes:
    (down, right, reach), (height, width) = offset, padded.shape[-2:]
    return padded[..., reach + down : height - reach + down, reach + right : width - reach + right]
