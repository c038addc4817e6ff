from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.providers.local.photo.proof import Proof, prove

U8 = npt.NDArray[np.uint8]
SIDE = 400
GROUND = np.full((SIDE, SIDE, 3), (226, 222, 214), np.uint8)


def disc(radius: int = 110) -> U8:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, (200, 200), radius, 255, -1, cv2.LINE_AA)
    return mask


def ragged() -> U8:
    """A disc with the ground's own stains along its outline."""
    noise = cast(
        "U8", cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 2)
    )
    crumbs = ((noise > 0.05) & (disc(170) > 0)).astype(np.uint8) * 255
    return np.maximum(disc(), crumbs)


def photo_of(shape: U8, color: tuple[int, int, int] = (40, 90, 140)) -> U8:
    return np.where(shape[:, :, None] > 127, np.array(color, np.uint8), GROUND)


def proof(mask: U8, rgb: U8 | None = None, network: U8 | None = None, again: U8 | None = None) -> Proof:
    seen = mask if network is None else network
    return prove(photo_of(mask) if rgb is None else rgb, mask, seen, seen if again is None else again, GROUND)


def test_a_clean_mask_proves_itself() -> None:
    assert proof(disc()).doubts == ()
    assert proof(disc()).holds
    assert prove(photo_of(disc()), disc(), disc(), None, GROUND).stability == 1.0


@pytest.mark.parametrize(
    ("found", "doubts"),
    [
        (proof(disc(), network=disc(90)), {"agreement", "stability"}),
        (proof(disc(), again=disc(90)), {"stability"}),
        (proof(ragged()), {"roughness", "specks"}),
        # A ring whose hole the mask fills; glass through which the ground is seen.
        (proof(disc(), rgb=photo_of(disc() - disc(60))), {"ground_inside"}),
        # White on white.
        (proof(disc(), rgb=photo_of(disc(), (236, 233, 226))), {"contrast"}),
    ],
)
def test_each_fault_of_a_mask_is_a_doubt(found: Proof, doubts: set[str]) -> None:
    assert doubts <= set(found.doubts)
    assert not found.holds
