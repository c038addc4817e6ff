"""The stand-in's own facts, held against the catalogue's: a bill in a test is worth something only if both agree."""

from __future__ import annotations

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import ImageModel, Model, TextModel
from adreel.catalogue.schema import check_schema
from adreel.testing.replicate.models import known_models

CATALOGUE = load_catalogue()
KNOWN = known_models()
PRICED: tuple[ImageModel | TextModel, ...] = (
    *CATALOGUE.images.values(),
    *(model for model in CATALOGUE.texts.values() if model.reference in KNOWN),
)
HOSTED: tuple[Model, ...] = (
    *(m for m in CATALOGUE.videos.values() if m.provider == "replicate"),
    *PRICED,
    *CATALOGUE.speeches.values(),
)


@pytest.mark.parametrize("model", PRICED, ids=lambda model: model.name)
def test_a_price_is_that_of_the_catalogue(model: ImageModel | TextModel) -> None:
    assert KNOWN[model.reference.partition(":")[0]].price({}) == model.price


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.name)
def test_a_models_fields_are_those_of_the_catalogue(model: Model) -> None:
    card = KNOWN[model.reference.partition(":")[0]]
    assert card.community == (":" in model.reference)
    assert not card.community or model.reference.endswith(card.version)
    check_schema(model, card.describe()["latest_version"]["openapi_schema"])


def test_a_model_that_is_no_longer_public_is_not_there() -> None:
    assert CATALOGUE.texts["llama-3.1-70b"].reference not in KNOWN


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "input.prompt"),
        ({"prompt": 7}, "input.prompt"),
        ({"prompt": "x", "seed": 1.5}, "input.seed"),
        ({"prompt": "x", "seed": True}, "input.seed"),
        ({"prompt": "x", "duration": 1}, "input.duration"),
        ({"prompt": "x", "duration": 13}, "input.duration"),
        ({"prompt": "x", "resolution": "8k"}, "input.resolution"),
        ({"prompt": "x", "image": "/etc/passwd"}, "input.image"),
        ({"prompt": "x", "mood": "calm"}, "input.mood"),
    ],
)
def test_what_is_wrong_with_an_input_is_named(given: dict[str, object], field: str) -> None:
    problems = KNOWN["bytedance/seedance-1-pro-fast"].problems(given)
    assert [problem["field"] for problem in problems] == [field]
