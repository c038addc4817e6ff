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


def _legs() -> U8:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for x in (120, 150, 180, 210, 240, 270):
        cv2.rectangle(mask, (x, 290), (x + 6, 390), 255, -1)
    return mask


LEGS = _legs()


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


def test_a_shadow_and_faint_lines_are_not_left_out() -> None:
    rgb = photo_of(disc()).astype(np.float32)
    shade = cv2.GaussianBlur(disc(100).astype(np.float32), (0, 0), 6)
    shadow = np.roll(shade, 60, axis=1) * (disc() == 0) / 255
    rgb *= 1 - 0.5 * shadow[:, :, None]
    rgb[:, ::57] *= 0.9
    inside = disc() > 0
    rgb[inside] = (40, 90, 140)
    assert proof(disc(), rgb=rgb.astype(np.uint8)).left_out == 0


@pytest.mark.parametrize(
    ("found", "doubts"),
    [
        (proof(disc(), network=disc(90)), {"agreement", "stability"}),
        (proof(disc(), again=disc(90)), {"stability"}),
        (proof(ragged()), {"roughness", "specks"}),
        # A ring whose hole the mask fills; glass through which the ground is seen.
        (proof(disc(), rgb=photo_of(disc() - disc(60))), {"ground_inside"}),
        # A chair whose legs the mask misses.
        (proof(disc(), rgb=photo_of(np.maximum(disc(), LEGS))), {"left_out"}),
        # White on white.
        (proof(disc(), rgb=photo_of(disc(), (236, 233, 226))), {"contrast"}),
    ],
)
def test_each_fault_of_a_mask_is_a_doubt(found: Proof, doubts: set[str]) -> None:
    assert doubts <= set(found.doubts)
    assert not found.holds
