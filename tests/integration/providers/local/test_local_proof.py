"""What a cut-out is made of, on whole photos: the faults of earlier versions, drawn here."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from adreel.domain.films.scene import Mood
from adreel.media.photos import load_photo
from adreel.providers.local.drawing.raster import fit_within
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.photo.cutouts import cutouts_of, shown_mask
from adreel.providers.local.photo.matte import Matte, Matter
from adreel.providers.local.photo.proof import overlap
from adreel.providers.local.photo.route import Route, choose_route
from adreel.providers.local.photo.study import evidence_of

ROOT = Path(__file__).resolve().parents[4]
WIDTH, HEIGHT = 640, 480


@pytest.fixture(scope="module")
def matter() -> Matter:
    return Matter(Path(str(files("adreel.assets") / "models" / "u2netp.onnx")))


def test_the_structure_of_a_wall_is_not_taken_for_missed_parts(matter: Matter) -> None:
    """A white can before a yellow wall of panels: the wall's stains differ from its fitted colour as a product would."""
    rng = np.random.default_rng(2)
    stains = cv2.resize(rng.normal(0, 1, (9, 11)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    picture = np.array([246.0, 184.0, 6.0]) * (1 + 0.03 * stains[:, :, None])
    for x in (90, 250, 420, 590):
        cv2.line(picture, (x, 0), (x, HEIGHT), (221.0, 166.0, 5.0), 2)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.rectangle(mask, (250, 130), (390, 400), 255, -1)
    cv2.ellipse(mask, (320, 400), (70, 16), 0, 0, 360, 255, -1)
    across = (np.arange(WIDTH) - 250) / 140
    white = np.array([240.0, 238.0, 234.0]) * (0.7 + 0.3 * np.sin(np.pi * np.clip(across, 0.1, 0.9)))[None, :, None]
    rgb = np.where(mask[:, :, None] > 0, white, picture).clip(0, 255).astype(np.uint8)
    evidence = evidence_of(rgb, matter)
    shown = shown_mask(evidence)
    assert shown is not None
    assert choose_route(evidence.measures, Mood.NEUTRAL) is Route.RESTAGE
    assert overlap(shown > 127, mask > 127) > 0.97


def test_glass_on_a_tinted_ground_is_neither_cut_out_nor_divided(matter: Matter) -> None:
    """Its foot was missing, and divided by the ground the perfume would lose its colour."""
    photo = load_photo(ROOT / "examples" / "perfume" / "perfume-front.jpg", 900)
    evidence = evidence_of(fit_within(photo.rgb, 900), matter)
    assert shown_mask(evidence) is None
    free, divided = cutouts_of(evidence)
    assert free() is None
    assert divided() is None


class SeatOnly(Matter):
    """Finds the seat and the back of a chair, as the network does where legs are thin."""

    def __init__(self, seat: U8) -> None:
        self._seat = seat

    def __call__(self, rgb: U8) -> Matte:
        small = fit_within(rgb, 512)
        seen = self.second_look(small)
        return Matte(self._seat, 1.0, float((self._seat > 127).mean()), small, seen, seen)

    def second_look(self, small: U8) -> U8:
        return fit_within(self._seat, max(small.shape[:2]))


@pytest.mark.parametrize("has_legs", [True, False])
def test_legs_that_the_mask_misses_are_shown_whole(has_legs: bool) -> None:
    """They fell out of the cut-out of a chair on white, and faded on the set that replaced the white."""
    rgb, seat = np.full((700, 370, 3), 250, np.uint8), np.zeros((700, 370), np.uint8)
    shape = np.array([[56, 152], [300, 152], [326, 440], [32, 440]])
    cv2.fillConvexPoly(rgb, shape, (190, 44, 130))
    cv2.fillConvexPoly(seat, shape, 255)
    for top, foot in ((90, 60), (110, 120), (250, 240), (270, 300)) if has_legs else ():
        cv2.line(rgb, (top, 441), (foot, 650), (112, 80, 56), 7, cv2.LINE_AA)
    free, divided = cutouts_of(evidence_of(rgb, SeatOnly(seat)))
    assert (free() is None) == has_legs
    shown = divided()
    assert shown is not None
    assert shown.passing is not None
    assert (shown.box.height > 480) == has_legs
    if has_legs:
        assert shown.passing[600:640, :, 1].min() < 110, "as dark as in the photo"
