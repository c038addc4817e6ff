from __future__ import annotations

import json
from dataclasses import replace

from adreel.billing.clip_jobs import ClipBeat, ClipJob, ClipsJob, FilmJob, ImageRef, asset_id, shot_seed
from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.film import Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, Scene, ViewType
from support.ads import MUG

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
            "voice": "off",
            "captions": "off",
            "caption_style": "plate",
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


BEAT = ClipBeat("hook", 2, 75, CameraMovement.PAN_LEFT, 0.2, (ScreenText(TextRole.HEADLINE, "Morgen"),), "bold")


def test_jobs_of_a_script_come_back_from_json_as_they_were() -> None:
    job = replace(
        JOB, beats=(BEAT, replace(BEAT, camera=None, words=(), text_style="", repeat=1)), images=(IMAGE, IMAGE)
    )
    film = FilmJob("job", "s", "ann", ("a",), FilmOptions(), ("16:9",), "calm", IMAGE, MUG, IMAGE)
    assert ClipsJob.read(json.loads(json.dumps(job.to_json()))) == job
    for index in (0, 1):
        clip = job.clip(index, SCENE, 3)
        assert ClipJob.read(json.loads(json.dumps(clip.to_json()))) == clip
    assert FilmJob.read(json.loads(json.dumps(film.to_json()))) == film


def test_jobs_without_a_script_are_written_as_before() -> None:
    """A worker of the version before reads them."""
    film = FilmJob("job", "s", "ann", ("a",), FilmOptions(), ("16:9",), "calm", IMAGE)
    assert not {"beats", "words", "beat", "place", "text_style", "script", "end_image"} & {
        *JOB.to_json(), *CLIP.to_json(), *film.to_json(),
    }  # fmt: skip


def test_the_clip_of_a_beat_has_its_move_length_and_words_and_a_repeated_one_another_seed() -> None:
    again = replace(BEAT, name="again", repeat=1)
    first, second = (replace(JOB, beats=(BEAT, again), images=(IMAGE, IMAGE)).clip(index, SCENE, 3) for index in (0, 1))
    assert (first.frames, first.scene.camera_movement, first.scene.motion_intensity) == (
        75,
        CameraMovement.PAN_LEFT,
        0.2,
    )
    assert (first.words, first.text_style, first.place) == (BEAT.words, "bold", 2)
    assert first.seed != second.seed
    assert replace(first, beat="other", place=7).request == first.request
    assert replace(first, text_style="minimal").request != first.request
    assert replace(first, words=(), text_style="").request != first.request
    assert replace(CLIP, text_style="minimal").request == CLIP.request
