from __future__ import annotations

from adreel.billing.clip_jobs import ClipsJob, FilmJob, ImageRef
from adreel.billing.image_jobs import ImagesJob
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.images import ImagePrompt
from adreel.domain.films.scene import CameraMovement, Mood, Scene, ViewType
from adreel.domain.work.fairness import Share
from adreel.orchestrator.engine.shares import share_of

SCENE = Scene(ViewType.DETAIL, "words", CameraMovement.ARC_LEFT, 0.5, Mood.CALM)
IMAGE = ImageRef("image", "sessions/s/images/a.jpg", "ab" * 32, "detail")
CLIPS = ClipsJob("job", "s", "ann", (IMAGE, IMAGE), "calm", "local", 90, FrameSize(1920, 1080), 7)
IMAGES = ImagesJob("job", "s", "ann", "mug", 3, ("flux",), 7)


def test_clips_count_by_their_frames() -> None:
    assert share_of(CLIPS.to_json()) == Share("ann", 180)
    assert share_of(CLIPS.clip(0, SCENE, 0).to_json()) == Share("ann", 90)


def test_images_count_each_as_much() -> None:
    whole, one = (
        share_of(IMAGES.to_json()),
        share_of(IMAGES.image(0, ImagePrompt(ViewType.FRONT, "a mug", ""), 0).to_json()),
    )
    assert whole == Share("ann", 3 * one.work)


def test_films_count_by_clips_and_aspects() -> None:
    one = FilmJob("job", "s", "ann", ("a", "b"), FilmOptions(), ("16:9",), "calm", None)
    two = FilmJob("job", "s", "ann", ("a", "b"), FilmOptions(), ("16:9", "9:16"), "calm", None)
    assert share_of(two.to_json()) == Share("ann", 2 * share_of(one.to_json()).work)


def test_an_order_that_says_nothing_is_a_little_work_of_no_user() -> None:
    assert share_of({}).user == ""
    assert share_of({}).work >= 1
