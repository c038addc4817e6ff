"""Close-ups of a photo that is shown itself."""

from __future__ import annotations

import numpy as np
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, ViewType
from adreel.providers.local.drawing.camera import camera_path
from adreel.providers.local.photo.cutouts import no_cutout
from adreel.providers.local.photo.palette import Palette
from adreel.providers.local.photo.route import Measures
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.picture import picture_stage
from adreel.providers.local.shot.widen import wide_lettering, widened_to_words

WIDE = FrameSize(320, 180)


def seated(plainness: float, top: int = 6) -> Study:
    """A white body, 400 x 400 with its surroundings, with a red head at its top; what is most interesting is on its lap."""
    rgb, mask = np.full((400, 400, 3), 90, np.uint8), np.zeros((400, 400), np.uint8)
    mask[80:370, 20:380] = mask[top:80, 150:220] = 255
    rgb[mask > 0] = 240
    rgb[top:76, 150:220] = (220, 20, 20)
    measures = Measures(plainness, 110, 0.6, 0.98, 1.0, has_alpha=False, cut_sides=0)
    subject = Box(20, top, 380, 370)
    return Study(
        rgb,
        measures,
        Palette(0, 0, 50),
        mask,
        subject,
        (180.0, 180.0),
        no_cutout,
        no_cutout,
        focus=subject,
        rough=subject,
    )


def red_rows(plainness: float, movement: CameraMovement, top: int = 6) -> list[int]:
    """Rows of chroma in which each of three moments of a close-up shows red."""
    poses = camera_path(movement, 0.5, Mood.NEUTRAL, 3, 30)
    stage = picture_stage(seated(plainness, top), ViewType.DETAIL, poses, WIDE, 1, travels=False)
    planes = [stage.draw(index)[WIDE.height * 5 // 4 :].reshape(WIDE.height // 2, -1) for index in (0, 15, 29)]
    return [int((plane > 180).any(axis=1).sum()) for plane in planes]


@pytest.mark.parametrize("movement", [CameraMovement.PAN_RIGHT, CameraMovement.PUSH_IN])
def test_a_close_up_in_a_scene_keeps_what_may_be_a_head(movement: CameraMovement) -> None:
    # At this enlargement the whole head has about 28 rows of chroma.
    assert min(red_rows(0.3, movement)) > 22


def test_a_close_up_on_plain_ground_may_cut_the_top() -> None:
    assert max(red_rows(0.95, CameraMovement.PAN_RIGHT)) < 12


def test_a_close_up_of_what_the_photo_cuts_at_the_top_may_cut_more() -> None:
    assert max(red_rows(0.3, CameraMovement.PAN_RIGHT, top=0)) < 12


def white_rows(subject: Box, photo: tuple[int, int], view: ViewType, movement: CameraMovement) -> list[int]:
    """Rows in which each of three moments shows white, of a photo (height, width) with a white subject on grey."""
    rgb, mask = np.full((*photo, 3), 90, np.uint8), np.zeros(photo, np.uint8)
    part = slice(int(subject.top), int(subject.bottom)), slice(int(subject.left), int(subject.right))
    rgb[part], mask[part] = 250, 255
    measures = Measures(0.3, 90, 0.4, 0.98, 1.0, has_alpha=False, cut_sides=0)
    study = Study(
        rgb,
        measures,
        Palette(0, 0, 50),
        mask,
        subject,
        subject.center,
        no_cutout,
        no_cutout,
        focus=subject,
        rough=subject,
    )
    poses = camera_path(movement, 0.6, Mood.NEUTRAL, 3, 30)
    stage = picture_stage(study, view, poses, WIDE, 1, travels=False)
    return [int((stage.draw(index)[: WIDE.height] > 180).any(axis=1).sum()) for index in (0, 15, 29)]


@pytest.mark.parametrize("movement", [CameraMovement.PUSH_IN, CameraMovement.PULL_OUT, CameraMovement.TILT_UP])
def test_the_move_is_calmer_where_a_subject_nearly_fills_the_photo(movement: CameraMovement) -> None:
    # Moved as ordered, the camera loses its top or its foot.
    rows = white_rows(Box(250, 27, 390, 333), (360, 640), ViewType.FRONT, movement)
    assert min(rows) >= 0.85 * WIDE.height - 2
    assert max(rows) < WIDE.height - 2, "all of it is within the frame"
    assert len(set(rows)) > 1 or movement is CameraMovement.TILT_UP, "the camera still moves"


def test_a_close_up_photo_is_cut_beside_its_lettering() -> None:
    """A label low in a photo of 4:3 that its product fills: in the middle of 16:9, its last line would be cut."""
    rgb, mask = np.full((480, 640, 3), 60, np.uint8), np.full((480, 640), 255, np.uint8)
    for column in range(40, 600, 12):
        rgb[395:425, column : column + 5] = 250
    subject = Box(0, 0, 640, 480)
    measures = Measures(0.3, 60, 1.0, 0.98, 1.0, has_alpha=False, cut_sides=4)
    study = Study(
        rgb,
        measures,
        Palette(0, 0, 50),
        mask,
        subject,
        (320.0, 240.0),
        no_cutout,
        no_cutout,
        focus=subject,
        rough=subject,
    )
    poses = camera_path(CameraMovement.STATIC, 0.3, Mood.NEUTRAL, 3, 30)
    stage = picture_stage(study, ViewType.FRONT, poses, WIDE, 1, travels=False)
    light = [np.flatnonzero((stage.draw(index)[: WIDE.height] > 150).any(axis=1)) for index in (0, 15, 29)]
    # The line is 30 rows of the photo, half as many of the frame; below it the product goes on.
    assert all(rows.size >= 13 and rows[-1] < WIDE.height - 1 for rows in light)


def lettered(across: tuple[int, int], down: tuple[int, int]) -> Study:
    """A grey wall that fills a photo of 400 x 300, with stripes in place of letters."""
    rgb, mask = np.full((300, 400, 3), 90, np.uint8), np.full((300, 400), 255, np.uint8)
    mask[:4] = mask[-4:] = 0
    rgb[slice(*down), slice(*across)] = np.where(np.arange(across[1] - across[0]) % 8 < 4, 240, 20)[None, :, None]
    whole, middle = Box(0, 4, 400, 296), (sum(across) / 2, sum(down) / 2)
    measures = Measures(0.3, 110, 0.6, 0.98, 1.0, has_alpha=False, cut_sides=2)
    palette = Palette(0, 0, 50)
    return Study(rgb, measures, palette, mask, whole, middle, no_cutout, no_cutout, focus=whole, rough=whole)


def test_words_wider_than_the_frame_become_the_subject_of_a_wider_picture() -> None:
    tall = FrameSize(180, 320)
    found = wide_lettering(lettered((80, 310), (130, 170)), tall)
    assert found is not None
    assert found.width == pytest.approx(230, abs=12)
    made = widened_to_words(lettered((80, 310), (130, 170)), found, tall)
    assert made.subject is not None
    widest_view = min(made.rgb.shape[1], made.rgb.shape[0] * tall.width / tall.height)
    assert 0.4 * widest_view < made.subject.width < 0.95 * widest_view


def test_words_that_the_frame_holds_and_large_drawings_change_nothing() -> None:
    assert wide_lettering(lettered((80, 310), (130, 170)), WIDE) is None
    assert wide_lettering(lettered((170, 230), (130, 170)), FrameSize(180, 320)) is None
    assert wide_lettering(lettered((80, 310), (40, 260)), FrameSize(180, 320)) is None
