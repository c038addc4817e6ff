from __future__ import annotations

import hashlib
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import PhotoError, SetupError
from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize, draft_size
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Mood, Scene, ViewType
from adreel.domain.ports import Shot
from adreel.media.photos.photo import load_photo
from adreel.media.yuv import plane_views
from adreel.providers.local.drawing.layers import LayerStage
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.shot.sheets import FlatStage, SheetStage
from adreel.providers.planning.scene_rules import RuleScenePlanner

WIDE, TALL = FrameSize(320, 180), FrameSize(180, 320)

Frame = npt.NDArray[np.uint8]


def order(
    path: Path,
    view: ViewType = ViewType.FRONT,
    move: CameraMovement = CameraMovement.PUSH_IN,
    mood: Mood = Mood.NEUTRAL,
    size: FrameSize = WIDE,
    frames: int = 6,
) -> Shot:
    return Shot(ApprovedImage("a", path, view), Scene(view, "", move, 0.8, mood), size, frames, 11)


def luma(frame: Frame, size: FrameSize) -> Frame:
    return frame[: size.height]


@pytest.mark.parametrize(
    ("photo", "moods", "kind"),
    [
        ("white", (Mood.NEUTRAL, Mood.LUXURY), LayerStage),
        ("transparent", (Mood.CALM, Mood.ENERGETIC, Mood.PLAYFUL, Mood.NIGHT), LayerStage),
        ("busy", (Mood.NEUTRAL,), SheetStage),
        ("scenery", (Mood.NEUTRAL,), FlatStage),
        ("panorama", (Mood.CALM,), FlatStage),
        ("blank", (Mood.NEUTRAL,), FlatStage),
    ],
)
def test_every_route_draws_proper_frames(
    engine: LocalEngine, photos: dict[str, Path], photo: str, moods: tuple[Mood, ...], kind: type
) -> None:
    view = ViewType.DETAIL if photo == "busy" else ViewType.FRONT
    assert isinstance(engine.stage(order(photos[photo], view=view, mood=moods[0])), kind)
    for mood in moods:
        for size in (WIDE, TALL, FrameSize(216, 270)) if mood is moods[0] else (WIDE,):
            frames = list(engine.frames(order(photos[photo], view, CameraMovement.STATIC, mood, size)))
            assert len(frames) == 6
            for frame in frames:
                check_frame(frame, size)
            means = [float(luma(frame, size).mean()) for frame in frames]
            assert max(means) - min(means) < 6  # the light that passes over a dark product, no more


def check_frame(frame: Frame, size: FrameSize) -> None:
    assert frame.dtype == np.uint8
    assert frame.shape == (size.height * 3 // 2, size.width)
    assert frame.flags.c_contiguous
    y, chroma = frame.reshape(-1)[: size.width * size.height], frame.reshape(-1)[size.width * size.height :]
    assert y.min() >= 16
    assert y.max() <= 235
    assert chroma.min() >= 16
    assert chroma.max() <= 240


@pytest.mark.parametrize("movement", CameraMovement)
def test_no_move_reveals_a_border(engine: LocalEngine, photos: dict[str, Path], movement: CameraMovement) -> None:
    """Bright photos on a bright set: anything dark at the edge would be a border."""
    for name in ("white", "transparent"):
        for view in (ViewType.LIFESTYLE, ViewType.ANGLE):
            shot = order(photos[name], view=view, move=movement, frames=3)
            for frame in engine.frames(shot):
                y = luma(frame, WIDE)
                edge = np.concatenate([y[0], y[-1], y[:, 0], y[:, -1]])
                assert edge.min() > 120, (name, view)


@pytest.mark.parametrize("photo", ["white", "busy", "transparent"])
@pytest.mark.parametrize("movement", CameraMovement)
def test_nothing_stands_still(
    engine: LocalEngine, photos: dict[str, Path], photo: str, movement: CameraMovement
) -> None:
    frames = list(engine.frames(order(photos[photo], move=movement, frames=12)))
    changed = np.abs(frames[0].astype(int) - frames[-1].astype(int)).mean()
    assert changed > 0.2


def test_the_same_shot_is_the_same_film_in_every_run_and_thread(photos: dict[str, Path]) -> None:
    def film(engine: LocalEngine) -> str:
        digest = hashlib.sha256()
        for mood in (Mood.LUXURY, Mood.CALM):
            for frame in engine.frames(order(photos["white"], mood=mood, move=CameraMovement.HANDHELD, frames=4)):
                digest.update(frame.tobytes())
        return digest.hexdigest()

    alone, shared = film(LocalEngine(load_photo)), LocalEngine(load_photo)
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(film(shared))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone] * 3


def test_a_photo_is_studied_once(photos: dict[str, Path]) -> None:
    loads: list[Path] = []

    def counting(path: Path) -> object:
        loads.append(path)
        return load_photo(path)

    engine = LocalEngine(counting)  # pyright: ignore[reportArgumentType]
    for view in (ViewType.FRONT, ViewType.DETAIL, ViewType.FRONT):
        next(iter(engine.frames(order(photos["transparent"], view=view))))
    assert len(loads) == 1


def test_framings_drawn_at_once_share_one_study(photos: dict[str, Path]) -> None:
    """One photo, four framings, two moods, all in threads of their own: it is decoded once and studied once."""
    loads: list[Path] = []

    def counting(path: Path) -> object:
        loads.append(path)
        return load_photo(path)

    engine = LocalEngine(counting)  # pyright: ignore[reportArgumentType]
    shots = [order(photos["white"], view=view, mood=mood) for view in ViewType for mood in (Mood.NEUTRAL, Mood.LUXURY)]
    with ThreadPoolExecutor(len(shots)) as pool:
        stages = list(pool.map(engine.stage, shots))
    assert len(stages) == 8
    assert len(loads) == 1


def test_light_that_wanders_is_drawn_wherever_it_is_seen(engine: LocalEngine, photos: dict[str, Path]) -> None:
    """Only the columns it reaches are drawn: the same light over all columns must give the same frame."""
    size = FrameSize(640, 360)
    stage = engine.stage(order(photos["white"], mood=Mood.LUXURY, size=size, frames=9))
    assert isinstance(stage, LayerStage)
    sweep = next(layer.sweep for layer in stage.layers if layer.sweep is not None)
    for index in range(9):
        table = sweep.table(index / 8)
        band = sweep.band(table)
        lit = table[sweep.path].astype(int) * sweep.gains
        outside = np.ones(lit.shape[1], bool)
        if band is not None:
            outside[int(band.left) // 2 : int(band.right) // 2] = False
        assert lit[:, outside].max(initial=0) <= 4 * 255


def test_a_dark_set_shows_no_rim_of_the_old_white_ground(engine: LocalEngine, photos: dict[str, Path]) -> None:
    """The red can, cut from white: nothing around its outline may be lighter than the can's own red and its rim light."""
    shot = order(photos["white"], mood=Mood.LUXURY, size=FrameSize(640, 360), frames=2)
    frame = next(iter(engine.frames(shot)))
    y = luma(frame, shot.size).astype(int)
    lower = y[270:306]  # below the label: only red can and dark set
    assert lower.max() < 150
    assert y[:, :150].max() < 90


def test_a_dark_set_is_dark_and_a_light_one_light(engine: LocalEngine, photos: dict[str, Path]) -> None:
    means = {
        mood: float(next(iter(engine.frames(order(photos["transparent"], mood=mood))))[:180, :60].mean())
        for mood in (Mood.LUXURY, Mood.NEUTRAL)
    }
    assert means[Mood.LUXURY] < 50
    assert means[Mood.NEUTRAL] > 160


def test_a_product_stands_on_its_shadow(engine: LocalEngine, photos: dict[str, Path]) -> None:
    y = luma(next(iter(engine.frames(order(photos["transparent"], size=FrameSize(640, 360))))), FrameSize(640, 360))
    below = y[:, 320].astype(int)
    foot = int(np.flatnonzero(np.abs(np.diff(below)) > 12)[-1]) + 2
    assert below[foot : foot + 6].mean() < below[foot + 36 : foot + 42].mean() - 8


def test_views_of_one_photo_differ(engine: LocalEngine, photos: dict[str, Path]) -> None:
    for name in ("white", "busy", "tall"):
        firsts = [next(iter(engine.frames(order(photos[name], view=view)))).astype(int) for view in ViewType]
        for index, first in enumerate(firsts):
            for other in firsts[index + 1 :]:
                assert np.abs(first - other).mean() > 0.3, name


def test_pans_are_smooth_to_a_fraction_of_a_pixel(engine: LocalEngine, photos: dict[str, Path]) -> None:
    """Position of the picture, found by phase correlation, against a smooth path: no steps of whole pixels."""
    size = FrameSize(640, 360)
    shot = order(photos["scenery"], view=ViewType.DETAIL, move=CameraMovement.PAN_LEFT, size=size, frames=40)
    films = [luma(frame, size)[60:300, 120:520].astype(np.float32) for frame in engine.frames(shot)]
    window = cv2.createHanningWindow((400, 240), cv2.CV_32F)
    steps = [cv2.phaseCorrelate(a, b, window)[0][0] for a, b in itertools.pairwise(films)]
    assert float(np.abs(np.diff(steps)).mean()) < 0.15
    assert sum(steps) > 10


@pytest.mark.parametrize("photo", ["white", "busy", "panorama"])
@pytest.mark.parametrize("full", [FrameSize(960, 540), FrameSize(540, 960)])
def test_a_draft_is_the_film_at_another_size(
    engine: LocalEngine, photos: dict[str, Path], photo: str, full: FrameSize
) -> None:
    half = draft_size(full)
    film = order(photos[photo], ViewType.DETAIL, CameraMovement.ARC_LEFT, Mood.PLAYFUL, full)
    draft = engine.stage(replace(film, size=half, composed_for=full)).draw(3)
    whole = luma(engine.stage(film).draw(3), full)
    scaled = cv2.resize(whole, (half.width, half.height), interpolation=cv2.INTER_AREA)
    assert structural_similarity(luma(draft, half), scaled) > 0.97


def structural_similarity(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """SSIM (Wang and others, 2004) with its usual window and constants for 8 bits."""
    x, y = (np.asarray(picture, np.float64) for picture in (one, other))

    def mean(picture: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float64)

    mean_x, mean_y, first, second = mean(x), mean(y), 6.5025, 58.5225
    spread = mean(x * x) - mean_x**2 + mean(y * y) - mean_y**2
    alike = (2 * mean_x * mean_y + first) * (2 * (mean(x * y) - mean_x * mean_y) + second)
    return float((alike / ((mean_x**2 + mean_y**2 + first) * (spread + second))).mean())


MOVED = (0, 15, 30, 45, 60, 75, 89)
"""The frames of a shot of three seconds between which the way of the product is measured."""


def way(engine: LocalEngine, shot: Shot) -> tuple[float, float]:
    """How far the product goes, in pixels, and the largest change of its speed from one measured step to the next, relative to
    that. Light that wanders over it is no way: only what fits one movement of the whole product in the optical flow counts."""
    stage = engine.stage(shot)
    seen = [np.ascontiguousarray(luma(stage.draw(index), WIDE)) for index in MOVED]
    steps = [moved(one, other) for one, other in itertools.pairwise(seen)]
    return sum(steps), max(abs(b - a) for a, b in itertools.pairwise(steps)) / sum(steps)


def moved(one: Frame, other: Frame) -> float:
    """How far the middle of a picture moved, in pixels."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(
        one, other, np.zeros((*one.shape, 2), np.float32)
    )
    y, x = (grid.ravel() for grid in np.mgrid[50:140:3, 125:195:3])
    points = np.stack([x, y], axis=1).astype(np.float32)
    matrix, _ = cv2.estimateAffinePartial2D(points, points + np.asarray(flow)[y, x], ransacReprojThreshold=0.3)
    return float(np.linalg.norm(points @ matrix[:, :2].T + matrix[:, 2] - points, axis=1).mean())


async def test_an_energetic_film_moves_three_times_as_far_as_a_calm_one(
    engine: LocalEngine, photos: dict[str, Path]
) -> None:
    images = [ApprovedImage(view, photos["white"], view) for view in (ViewType.FRONT, ViewType.ANGLE)]
    ways: dict[str, float] = {}
    for prompt in ("calm", "energetic"):
        scenes = await RuleScenePlanner().plan(images, prompt)
        shots = [Shot(image, scene, WIDE, 90, 3) for image, scene in zip(images, scenes, strict=True)]
        moved = [way(engine, shot) for shot in shots]
        ways[prompt] = sum(far for far, _ in moved)
        assert max(change for _, change in moved) < 0.3
    assert ways["energetic"] > 3 * ways["calm"] > 0


def test_unreadable_photos_are_refused_by_name(engine: LocalEngine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    for path in (broken, tmp_path / "missing.png"):
        with pytest.raises(PhotoError, match=path.name):
            next(iter(engine.frames(order(path))))


def test_a_missing_network_is_named(photos: dict[str, Path], tmp_path: Path) -> None:
    engine = LocalEngine(load_photo, tmp_path / "gone.onnx")
    with pytest.raises(SetupError, match=r"gone\.onnx"):
        next(iter(engine.frames(order(photos["white"]))))


def test_a_failed_study_is_tried_again(photos: dict[str, Path], tmp_path: Path) -> None:
    attempts: list[Path] = []

    def flaky(path: Path) -> object:
        attempts.append(path)
        if len(attempts) == 1:
            raise PhotoError(f"{path} is busy")
        return load_photo(path)

    engine = LocalEngine(flaky)  # pyright: ignore[reportArgumentType]
    shot = order(photos["transparent"])
    with pytest.raises(PhotoError, match="busy"):
        next(iter(engine.frames(shot)))
    assert next(iter(engine.frames(shot))).shape == (270, 320)


def test_a_photo_that_is_gone_does_not_spoil_the_same_one_elsewhere(photos: dict[str, Path], tmp_path: Path) -> None:
    gone = tmp_path / "gone.png"
    gone.write_bytes(photos["transparent"].read_bytes())

    def load(path: Path) -> object:
        if path == gone:
            raise PhotoError(f"{path} does not exist: check the name")
        return load_photo(path)

    engine = LocalEngine(load)  # pyright: ignore[reportArgumentType]
    with pytest.raises(PhotoError, match="gone"):
        next(iter(engine.frames(order(gone))))
    assert next(iter(engine.frames(order(photos["transparent"])))).shape == (270, 320)


def test_a_photo_of_another_shape_fills_the_frame_and_the_camera_passes_along_it(
    engine: LocalEngine, photos: dict[str, Path]
) -> None:
    """Before, it hung as a small card in a blurred frame."""
    size = FrameSize(216, 270)
    shot = order(photos["tall"], move=CameraMovement.STATIC, size=size, frames=90)
    first, last = (luma(frame, size).astype(np.float32) for frame in itertools.islice(engine.frames(shot), 0, 90, 89))
    # Sharp from edge to edge: foliage everywhere, no fill that is out of focus.
    for columns in (slice(0, 40), slice(90, 130), slice(-40, None)):
        assert np.abs(np.diff(first[:, columns], axis=1)).mean() > 1
    (_, down), _ = cv2.phaseCorrelate(first, last, cv2.createHanningWindow((216, 270), cv2.CV_32F))
    assert abs(down) > 0.25 * size.width


def worded(photo: Path, view: ViewType, size: FrameSize) -> Shot:
    return replace(order(photo, view=view, size=size, frames=9), words=(ScreenText(TextRole.HEADLINE, "New"),))


@pytest.mark.parametrize("size", [FrameSize(640, 360), FrameSize(360, 640), FrameSize(400, 400)])
@pytest.mark.parametrize("view", [ViewType.FRONT, ViewType.ANGLE, ViewType.LIFESTYLE])
def test_the_product_is_where_the_subject_is_and_leaves_room_for_words(
    engine: LocalEngine, photos: dict[str, Path], size: FrameSize, view: ViewType
) -> None:
    """The red can: everything red lies within its box, and beside or above the box half of the frame is free."""
    stage = engine.stage(worded(photos["transparent"], view, size))
    assert stage.subject is not None
    assert len(stage.subject.boxes) == len(stage.subject.labels) == 9
    for index in (0, 4, 8):
        box = stage.subject.boxes[index]
        v = plane_views(stage.draw(index), size)[2]
        left, top, wide, high = (2 * edge for edge in cv2.boundingRect((v > 165).astype(np.uint8)))
        assert box.grown(6).holds(Box(left, top, left + wide, top + high))
        assert wide * high > 0.3 * box.area
        free = max(box.left, size.width - box.right) / size.width
        assert free > 0.45 if size.width > size.height else box.top > 0.35 * size.height


def test_without_words_a_shot_is_framed_as_ever_and_has_no_subject(
    engine: LocalEngine, photos: dict[str, Path]
) -> None:
    plain = order(photos["white"])
    assert engine.stage(plain).subject is None
    assert np.array_equal(next(iter(engine.frames(plain))), engine.stage(plain).draw(0))
    assert not np.array_equal(
        engine.stage(plain).draw(0), engine.stage(worded(photos["white"], ViewType.FRONT, WIDE)).draw(0)
    )


@pytest.mark.parametrize("view", list(ViewType))
@pytest.mark.parametrize("photo", ["white", "busy", "scenery", "panorama", "blank"])
def test_shots_with_words_are_drawn_by_every_route(
    engine: LocalEngine, photos: dict[str, Path], photo: str, view: ViewType
) -> None:
    for size in (WIDE, TALL):
        stage = engine.stage(worded(photos[photo], view, size))
        assert stage.draw(8).shape == (size.height * 3 // 2, size.width)
        whole = Box(0, 0, size.width, size.height)
        assert stage.subject is None or all(whole.holds(box) for box in (*stage.subject.boxes, *stage.subject.labels))


def test_a_product_is_cut_out_for_an_end_card_where_it_can_be(engine: LocalEngine, photos: dict[str, Path]) -> None:
    cut = engine.product_picture(photos["transparent"])
    assert cut.is_cut
    assert (cut.rgba[:, :, 3] > 128).any(axis=0).mean() > 0.97, "cropped to the product"
    whole = engine.product_picture(photos["scenery"])
    assert not whole.is_cut
    assert whole.rgba[:, :, 3].min() == 255
