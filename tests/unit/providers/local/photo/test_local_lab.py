from __future__ import annotations

import cv2
import numpy as np

from adreel.providers.local.photo.palette import lab_of, rgb_of


def test_cielab_is_that_of_opencv() -> None:
    rgb = np.random.default_rng(5).random((500, 3)).astype(np.float32)
    reference = cv2.cvtColor(rgb[None], cv2.COLOR_RGB2LAB)[0]
    assert np.abs(lab_of(rgb) - reference).max() < 0.5


def test_there_and_back_is_the_same_colour() -> None:
    rgb = np.vstack([np.random.default_rng(6).random((500, 3)), np.zeros((1, 3)), np.ones((1, 3))]).astype(np.float32)
    assert np.abs(rgb_of(lab_of(rgb)) - rgb).max() < 1e-3
