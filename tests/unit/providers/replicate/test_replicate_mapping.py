from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.schema import used_fields
from adreel.domain.errors import InputError
from adreel.domain.films.scene import CameraMovement
from adreel.domain.providers import VideoOrder
from adreel.providers.common.prompt_marker import mark, marked_seed
from adreel.providers.replicate.mapping import model_input, seed_of

MODELS = load_catalogue().videos
HOSTED = [name for name, model in MODELS.items() if model.provider == "replicate"]
ORDER = VideoOrder(
    model="stable-video-diffusion",
    image=Path("unused.png"),
    prompt="A bottle in morning light.",
    seconds=3.0,
    motion_intensity=0.5,
    camera_movement=CameraMovement.PUSH_IN,
    seed=123456789,
)


def given(name: str, **changes: object) -> dict[str, object]:
    order = replace(ORDER, model=name, **changes)  # type: ignore[arg-type]
    return dict(model_input(MODELS[name], order, "https://there/image.png"))


def test_stable_video_diffusion_gets_exactly_its_fields() -> None:
    assert given("stable-video-diffusion") == {
        "input_image": "https://there/image.png",
        "video_length": "25_frames_with_svd_xt",
        "frames_per_second": 8,
        "motion_bucket_id": 128,
        "cond_aug": 0.02,
        "decoding_t": 14,
        "sizing_strategy": "maintain_aspect_ratio",
        "seed": 123456789,
    }


@pytest.mark.parametrize("name", HOSTED)
def test_nothing_is_sent_that_the_catalogue_does_not_name(name: str) -> None:
    assert set(given(name)) <= set(used_fields(MODELS[name]))


@pytest.mark.parametrize("name", HOSTED)
@pytest.mark.parametrize("seed", [0, 1, 4_000_000_000])
def test_every_order_can_be_told_by_its_input(name: str, seed: int) -> None:
    assert seed_of(given(name, seed=seed), MODELS) == seed


def test_the_camera_is_described_in_words() -> None:
    prompt = given("runway-gen2", camera_movement=CameraMovement.ARC_LEFT, motion_intensity=0.9)["prompt"]
    assert prompt == "A bottle in morning light.\nThe camera circles the product to the left fast."
    still = given("runway-gen2", camera_movement=CameraMovement.STATIC)["prompt"]
    assert str(still).endswith("The camera does not move.")


def test_the_mark_of_an_order_is_an_empty_line_to_the_eye() -> None:
    prompt = str(given("kling-v2.5-turbo-pro")["prompt"])
    assert prompt.split() == str(given("runway-gen2")["prompt"]).split()
    assert mark(ORDER.seed) in prompt
    assert marked_seed("no mark\n  \n in here") is None


def test_a_strange_input_has_no_seed() -> None:
    assert seed_of({"seed": "7", "prompt": 7}, MODELS) is None
    assert seed_of({"seed": True}, MODELS) is None


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_could_not_be_found_again_is_refused(seed: int) -> None:
    with pytest.raises(InputError, match="not a whole number from 0 to 4294967295"):
        given("stable-video-diffusion", seed=seed)


@pytest.mark.parametrize(("aspect", "value"), [("16:9", "16:9"), ("9:16", "9:16"), ("1:1", "1:1"), ("4:5", "3:4")])
def test_the_nearest_aspect_is_asked_for(aspect: str, value: str) -> None:
    assert given("runway-gen2", aspect=aspect)["aspect_ratio"] == value


def test_an_aspect_that_would_be_cropped_away_is_refused() -> None:
    with pytest.raises(InputError, match="runway-gen2 makes no clips of 3:1"):
        given("runway-gen2", aspect="3:1")
