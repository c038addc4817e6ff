from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adreel.domain.errors import MusicError, TextError
from adreel.domain.film import Transition
from adreel.domain.fit import Fit
from adreel.domain.formats import ASPECTS, FrameSize
from adreel.domain.scene import CameraMovement, Mood, Scene, ViewType
from adreel.orchestrator.film_maker import NEUTRAL_COLOR, spec_of
from adreel.orchestrator.film_orders import film_options
from adreel.orchestrator.orders import ClipJob, ClipsJob, FilmJob, ImageRef, asset_id, shot_seed

SCENE = Scene(ViewType.DETAIL, "words", CameraMovement.ARC_LEFT, 0.5, Mood.CALM)
IMAGE = ImageRef("image", "sessions/s/images/a.jpg", "ab" * 32, "detail")
JOB = ClipsJob("job", "s", "ann", (IMAGE,), "calm", "local", 90, FrameSize(1920, 1080), 7, scenes=(SCENE,))
CLIP = JOB.clip(0, SCENE, 3)


def test_orders_come_back_from_json_as_they_were() -> None:
    film = FilmJob("job", "s", "ann", ("a", "b"), {"name": "x"}, ("16:9",), "calm", IMAGE)
    assert ClipsJob.read(json.loads(json.dumps(JOB.to_json()))) == JOB
    assert ClipJob.read(json.loads(json.dumps(CLIP.to_json()))) == CLIP
    assert FilmJob.read(json.loads(json.dumps(film.to_json()))) == film
    assert FilmJob.read(json.loads(json.dumps(replace(film, look_image=None).to_json()))).look_image is None


def test_a_request_is_the_same_for_another_job_and_place_and_another_for_anything_seen() -> None:
    assert replace(CLIP, job_id="other", index=4, count=9, after=70).request == CLIP.request
    others = [
        replace(CLIP, image=replace(IMAGE, content_hash="cd" * 32)),
        replace(CLIP, scene=replace(SCENE, mood=Mood.NIGHT)),
        replace(CLIP, model="veo-3.1-fast"),
        replace(CLIP, frames=60),
        replace(CLIP, size=FrameSize(1080, 1920)),
        replace(CLIP, seed=CLIP.seed + 1),
        replace(CLIP, take=1),
    ]
    assert len({CLIP.request, *(other.request for other in others)}) == 8


def test_seeds_are_those_of_the_photo_and_the_take() -> None:
    assert shot_seed(7, "a", "front", 0) == shot_seed(7, "a", "front", 0)
    seeds = {shot_seed(7, "a", "front", 0), shot_seed(7, "a", "front", 1), shot_seed(8, "a", "front", 0)}
    seeds |= {shot_seed(7, "b", "front", 0), shot_seed(7, "a", "detail", 0)}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_asset_ids_fit_their_column_and_differ_by_session() -> None:
    assert asset_id("s", "r") == asset_id("s", "r")
    assert asset_id("s", "r") != asset_id("t", "r")
    assert len(asset_id("s", "r")) == 32


@pytest.mark.parametrize("font", ["own.ttf", "/etc/fonts/a", "../a", "a\\b", "own.OTF"])
def test_fonts_are_named_never_opened(font: str) -> None:
    with pytest.raises(TextError):
        film_options({"font": font}, {}, 1, 1, "cut", 0)


def test_music_is_a_genre_or_none() -> None:
    assert film_options({}, {"enabled": False, "genre": "chill"}, 1, 1, "cut", 0)["music"] == "none"
    assert film_options({}, {"enabled": True, "genre": "chill"}, 1, 1, "cut", 0)["music"] == "chill"
    assert film_options({}, {}, 1, 1, "cut", 0)["music"] is None
    with pytest.raises(MusicError):
        film_options({}, {"enabled": True, "genre": "music.mp3"}, 1, 1, "cut", 0)


def test_a_film_ordered_as_json_is_the_film_that_was_meant() -> None:
    options = json.loads(json.dumps(film_options({}, {"enabled": False}, 1.0, 1.0, "crossfade", 7)))
    spec = spec_of(options, "9:16", "", NEUTRAL_COLOR, ASPECTS)
    # By identity, as those who draw ask.
    assert spec.fit is Fit.BLUR
    assert spec.transition is Transition.CROSSFADE
    assert (spec.size, spec.seed) == (ASPECTS["9:16"], 7)
