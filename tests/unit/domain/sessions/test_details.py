"""Details as the first version stored them: read, and written again under the same names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adreel.domain.errors import InternalError, StorageError
from adreel.domain.films.film import CheckResult
from adreel.domain.films.film_options import NO_MUSIC, FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Mood, Scene, ViewType
from adreel.domain.sessions.details import (
    ClipDetails,
    FilmDetails,
    GeneratedImage,
    ImageDetails,
    check_details,
    read_details,
)

PHOTO = {"width": 640, "height": 360, "file_name": "mug.jpg"}
IMAGE = {
    **PHOTO,
    "prompt": "A mug",
    "negative_prompt": "text",
    "seed": 7,
    "product": "mug",
    "count": 2,
    "asked_model": "flux-pro",
    "batch": 1,
    "aspect": "4:5",
    "content": "abc",
    "index": 1,
}
CLIP: dict[str, Any] = {
    "duration": 0.8,
    "resolution": "320x180",
    "fps": 24.0,
    "frames": 19,
    "segment": {
        "key": "k",
        "frames": 24,
        "width": 320,
        "height": 180,
        "digest": "d",
        "black": 0,
        "frozen": 3,
        "content_hash": "h",
        "bytes": 99,
        "video": "one.mp4",
        "sound": None,
    },
    "scene": {
        "image_view": "front",
        "scene_prompt": "calm",
        "camera_movement": "push_in",
        "motion_intensity": 0.3,
        "mood": "calm",
    },
    "seed": 5,
    "clip_frames": 24,
    "content": "abc",
}
FILM: dict[str, Any] = {
    "duration": 4.0,
    "resolution": "320x180",
    "fps": 30,
    "frames": 120,
    "format": "mp4",
    "aspect": "9:16",
    "checks": [{"name": "frames", "passed": True, "detail": "120 of 120"}],
    "clips": ["a", "b"],
    "options": {
        "text_overlay": {"product_name": None, "cta": "Order", "font": None, "color": "#204060"},
        "audio": {"enabled": False, "genre": None},
        "voice": "off",
        "captions": "off",
        "caption_style": "plate",
        "intro_duration": 1.0,
        "outro_duration": 2.0,
        "transition": "cut",
        "fit": "blur",
        "intro_style": "plain",
        "draft": False,
    },
}
KINDS = {"image": IMAGE, "clip": CLIP, "final": FILM}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_stored_is_written_again_under_the_same_names(kind: str) -> None:
    stored = KINDS[kind]
    assert json.loads(json.dumps(read_details(kind, stored).to_json())) == stored


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_newer_versions_are_ignored(kind: str) -> None:
    assert read_details(kind, {**KINDS[kind], "hologram": 1}) == read_details(kind, KINDS[kind])


def test_a_photo_is_not_generated() -> None:
    assert ImageDetails.read(PHOTO) == ImageDetails(640, 360, "mug.jpg")
    assert ImageDetails.read(PHOTO).to_json() == PHOTO


def test_an_image_from_before_there_were_aspects_is_wide() -> None:
    old = {name: value for name, value in IMAGE.items() if name not in ("aspect", "content")}
    made = ImageDetails.read(old).generated
    assert made == GeneratedImage("A mug", "text", 7, "mug", 2, "flux-pro", 1, "16:9", None, 1)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("image", {"note": "cut short"}),
        ("final", {"notes": ["clip 2 is left out"]}),
        ("final", {"passport": {"film": {"sha256": "d"}}}),
        ("final", {"captions": [{"suffix": ".srt", "storage_key": "sessions/s/films/f.srt", "size_bytes": 9}]}),
        ("clip", {"segment": {**CLIP["segment"], "words": [{"kind": "headline"}]}}),
    ],
)
def test_what_only_some_have_is_stored_where_there_is_any(kind: str, more: dict[str, Any]) -> None:
    stored = {**KINDS[kind], **more}
    assert json.loads(json.dumps(read_details(kind, stored).to_json())) == stored


def test_a_clip_is_typed() -> None:
    clip = ClipDetails.read(CLIP)
    assert clip.scene == Scene(ViewType.FRONT, "calm", CameraMovement.PUSH_IN, 0.3, Mood.CALM)
    assert (clip.segment.size, clip.segment.frozen, clip.clip_frames) == (FrameSize(320, 180), 3, 24)


@pytest.mark.parametrize("kind", ["image", "clip"])
def test_a_copy_of_another_session_says_of_what(kind: str) -> None:
    stored = {**KINDS[kind], "bought_as": "first"}
    assert read_details(kind, stored).to_json()["bought_as"] == "first"
    assert "bought_as" not in read_details(kind, KINDS[kind]).to_json()


def test_a_film_is_typed_and_options_that_its_version_did_not_have_get_their_defaults() -> None:
    options = {name: value for name, value in FILM["options"].items() if name != "fit"}
    film = FilmDetails.read({**FILM, "options": options})
    assert film.options == FilmOptions(cta="Order", color="#204060", music=NO_MUSIC, outro_seconds=2.0)
    assert film.checks == (CheckResult("frames", True, "120 of 120"),)


def test_a_film_of_an_early_version_has_no_options() -> None:
    early = {name: value for name, value in FILM.items() if name not in ("aspect", "clips", "options")}
    film = FilmDetails.read(early)
    assert (film.aspect, film.clips, film.options) == ("16:9", None, None)


@pytest.mark.parametrize("missing", ["scene", "segment", "clip_frames"])
def test_a_damaged_clip_names_what_is_missing(missing: str) -> None:
    stored = {name: value for name, value in CLIP.items() if name != missing}
    with pytest.raises(StorageError, match=rf"clip is damaged.*{missing}.*backup") as damaged:
        ClipDetails.read(stored)
    assert not damaged.value.retryable


def test_details_belong_to_their_kind() -> None:
    clip = ClipDetails.read(CLIP)
    check_details("clip", replace(clip, seed=6))
    with pytest.raises(InternalError, match="ClipDetails, not FilmDetails"):
        check_details("final", clip)
