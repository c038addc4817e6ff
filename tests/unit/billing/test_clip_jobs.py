from __future__ import annotations

import json
from dataclasses import replace

from adreel.billing.clip_jobs import ClipJob, ClipsJob, FilmJob, ImageRef, asset_id, shot_seed
from adreel.domain.films.film import Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, Scene, ViewType

SCENE = Scene(ViewType.DETAIL, "words", CameraMovement.ARC_LEFT, 0.5, Mood.CALM)
IMAGE = ImageRef("image", "sessions/s/images/a.jpg", "ab" * 32, "detail")
JOB = ClipsJob("job", "s", "ann", (IMAGE,), "calm", "local", 90, FrameSize(1920, 1080), 7, scenes=(SCENE,))
CLIP = JOB.clip(0, SCENE, 3)


def test_orders_come_back_from_json_as_they_were() -> None:
    film = FilmJob("job", "s", "ann", ("a", "b"), FilmOptions(name="x"), ("16:9",), "calm", IMAGE)
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


def test_a_film_job_of_an_older_version_is_read() -> None:
    """As d629fb1 wrote it: the options as one flat object, without the aspect."""
    kept = {
        "job_id": "job",
        "session_id": "s",
        "user_id": "ann",
        "clips": ["a"],
        "options": {
            "name": "Mug",
            "cta": None,
            "font": None,
            "color": "#204060",
            "music": "none",
            "intro_seconds": 1.0,
            "outro_seconds": 2.0,
            "transition": "crossfade",
            "fit": "blur",
            "intro_style": "plain",
            "draft": False,
            "seed": 7,
        },
        "aspects": ["9:16", "1:1"],
        "prompt": "calm",
        "look_image": None,
    }
    job = FilmJob.read(kept)
    assert job.options == FilmOptions(
        name="Mug",
        aspect="9:16",
        color="#204060",
        music="none",
        outro_seconds=2.0,
        transition=Transition.CROSSFADE,
        seed=7,
    )
    assert job.to_json() == {**kept, "clips": ("a",), "aspects": ("9:16", "1:1")}
