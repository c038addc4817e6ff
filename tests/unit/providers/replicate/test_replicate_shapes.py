"""Every model, aspect and length: refused before an order, or asked for what the film wants, at the price that is billed.

What a model takes and costs is the stand-in's own knowledge, gathered apart from the catalogue.
"""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import ImageModel, VideoModel
from adreel.domain.errors import InputError
from adreel.domain.films.formats import ASPECTS, ratio_of
from adreel.domain.films.images import ImageOrder
from adreel.domain.films.scene import CameraMovement
from adreel.domain.providers import VideoOrder
from adreel.media.photos.framing import framed_photo
from adreel.providers.replicate.images import image_input
from adreel.providers.replicate.mapping import model_input
from adreel.testing.replicate.models import ModelCard, known_models

CATALOGUE = load_catalogue()
VIDEOS = [model for model in CATALOGUE.videos.values() if model.provider == "replicate"]
KNOWN = known_models()
SHAPES = (*ASPECTS, "21:9", "9:21", "3:1")
LENGTHS = (0.1, 0.5, 2.0, 3.0, 4.0, 5.0, 5.1, 6.0, 7.5, 8.0, 9.0, 10.0, 12.0, 12.5, 31.0)
NEAR = 0.1
PHOTO_SIZE = (600, 400)


def card_of(model: VideoModel | ImageModel) -> ModelCard:
    return KNOWN[model.reference.partition(":")[0]]


def video_order(model: VideoModel, aspect: str, seconds: float) -> VideoOrder:
    return VideoOrder(model.name, Path("photo.png"), "A mug.", seconds, 0.5, CameraMovement.STATIC, 7, aspect)


def is_near(found: str, wanted: str) -> bool:
    return abs(ratio_of(found) / ratio_of(wanted) - 1) <= NEAR


def ask(model: VideoModel, aspect: str, seconds: float) -> dict[str, Any] | None:
    """The input that would be sent; None when it is refused, with words that say what the model can do."""
    try:
        model.check(seconds, aspect)
    except InputError:
        with pytest.raises(InputError, match=rf"{re.escape(model.name)}.*choose (one of|between)"):
            model.check(seconds, aspect)
        return None
    return dict(model_input(model, video_order(model, aspect, seconds), "https://there/photo.jpg"))


def sent_shape(model: VideoModel, photo: Path, aspect: str) -> str:
    """Of the image that goes along; "" where the model makes no clips of this aspect."""
    if ask(model, aspect, model.min_seconds) is None:
        return ""
    width, height = Image.open(BytesIO(framed_photo(photo, model.image_aspect(aspect)))).size
    return f"{width}:{height}"


@pytest.mark.parametrize("model", VIDEOS, ids=lambda model: model.name)
def test_what_is_sent_is_taken_and_is_what_the_film_wants(model: VideoModel, photo: Path) -> None:
    card, sent = card_of(model), 0
    for aspect in SHAPES:
        photo_shape = sent_shape(model, photo, aspect)
        for seconds in LENGTHS:
            given = ask(model, aspect, seconds)
            if given is None:
                continue
            sent += 1
            assert card.problems(given) == []
            made = card.shape(given) or photo_shape
            assert is_near(made, aspect), (aspect, made)
            assert card.price(given) == model.price_of(seconds), seconds
            assert card.value(given, "resolution") in (None, model.resolution and model.resolution.value)
    assert sent


@pytest.mark.parametrize("model", VIDEOS, ids=lambda model: model.name)
def test_a_clip_is_never_shorter_than_the_film_needs_and_what_is_longer_than_the_model_makes_is_refused(
    model: VideoModel,
) -> None:
    for seconds in LENGTHS:
        given = ask(model, "16:9", seconds)
        assert (given is None) == (not model.min_seconds <= seconds <= model.max_seconds)
        if given is not None:
            assert model.length.ask(seconds).seconds >= seconds - 1e-6


def test_the_aspects_of_a_model_are_those_that_are_not_refused() -> None:
    for model in VIDEOS:
        made = tuple(aspect for aspect in ASPECTS if ask(model, aspect, 3) is not None)
        assert model.aspects_of(ASPECTS) == made
    assert CATALOGUE.videos["veo-3.1-fast"].aspects_of(ASPECTS) == ("16:9", "9:16")


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
def test_veo_gets_the_aspect_and_no_sound(aspect: str) -> None:
    given = ask(CATALOGUE.videos["veo-3.1-fast"], aspect, 4)
    assert given is not None
    assert (given["aspect_ratio"], given["generate_audio"]) == (aspect, False)


@pytest.mark.parametrize("aspect", ["1:1", "4:5", "21:9"])
def test_veo_makes_nothing_else_and_says_what_it_makes(aspect: str) -> None:
    with pytest.raises(InputError, match=f"veo-3.1-fast makes no clips of {aspect}; choose one of 16:9, 9:16"):
        model_input(CATALOGUE.videos["veo-3.1-fast"], video_order(CATALOGUE.videos["veo-3.1-fast"], aspect, 4), "")


def test_leaving_a_field_out_costs_or_changes_something_at_the_stand_in() -> None:
    """The stand-in fills in as the provider does: an aspect or a switch that is forgotten is seen."""
    veo, wan = KNOWN["google/veo-3.1-fast"], KNOWN["wan-video/wan-2.2-i2v-fast"]
    assert veo.shape({"image": "x"}) == "16:9"
    assert veo.price({"duration": 4}) == Decimal("0.60")
    assert wan.price({"resolution": "720p"}) == Decimal("0.145")
    assert wan.price({"resolution": "720p", "interpolate_output": False, "num_frames": 121}) == Decimal("0.165")
    hailuo = KNOWN["minimax/hailuo-2.3"]
    (problem,) = hailuo.problems({"prompt": "x", "duration": 10, "resolution": "1080p"})
    assert (problem["field"], problem["description"]) == ("input.duration", "must be one of 6 for 1080p")
    assert hailuo.problems({"prompt": "x", "duration": 10, "resolution": "768p"}) == []


@pytest.mark.parametrize("aspect", SHAPES)
@pytest.mark.parametrize("model", CATALOGUE.images.values(), ids=lambda model: model.name)
def test_a_picture_is_asked_for_in_the_films_aspect_or_refused(model: ImageModel, aspect: str) -> None:
    card = card_of(model)
    order = ImageOrder(model.name, "A mug.", "", 7, 7, aspect)
    if aspect not in model.aspects_of((aspect,)):
        assert aspect not in ASPECTS
        with pytest.raises(InputError, match=f"{model.name} makes no pictures of {aspect}; choose one of"):
            image_input(model, order, [])
        return
    given: dict[str, Any] = dict(image_input(model, order, []))
    assert card.problems(given) == []
    shape = card.shape(given)
    assert shape is not None
    assert is_near(shape, aspect)
    assert card.price(given) == model.price


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(np.full((*PHOTO_SIZE[::-1], 3), 180, np.uint8)).save(path)
    return path
