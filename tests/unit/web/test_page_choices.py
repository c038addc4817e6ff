from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.routers.services import Services
from adreel.web import choices


def services(*providers: str) -> Services:
    """All that choices look at."""
    given: dict[str, Any] = {
        "catalogue": load_catalogue(),
        "providers": frozenset(providers),
        "wanting": {"replicate": "set ADREEL_REPLICATE_API_TOKEN to use it"},
    }
    return cast("Services", SimpleNamespace(**given))


def test_what_can_be_used_comes_first_and_the_rest_says_what_to_set() -> None:
    first, *others = choices.video_models(services("local"))
    assert (first.name, first.price, first.available) == ("local", "Free", True)
    assert {model.needs for model in others} == {"set ADREEL_REPLICATE_API_TOKEN to use it"}
    assert not any(model.available for model in others)


def test_prices_are_those_of_what_is_bought() -> None:
    models = {model.name: json.loads(model.prices) for model in choices.video_models(services("local", "replicate"))}
    facts = load_catalogue().videos
    for name, prices in models.items():
        for length, price in prices.items():
            assert float(price) == pytest.approx(float(facts[name].price_of(float(length))))
    by_second = next(name for name, model in facts.items() if model.priced_by_second)
    assert models[by_second]["1"] == models[by_second]["1.5"], "no less than the model makes is billed"


def test_lengths_that_a_model_cannot_make_have_no_price() -> None:
    (local,) = [model for model in choices.video_models(services("local")) if model.name == "local"]
    assert set(json.loads(local.prices)) == {f"{length:g}" for length in choices.DURATIONS}
    limited = [model for model in choices.video_models(services("local")) if "10" not in json.loads(model.prices)]
    assert limited


def test_images_are_offered_where_a_model_can_be_used() -> None:
    assert choices.image_models(services("local")) == []
    assert choices.image_models(services("local", "replicate"))


def test_ideas_cost_nothing_where_no_language_model_is_asked() -> None:
    assert choices.ideas_price(services("local")) == ""
    assert float(choices.ideas_price(services("local", "replicate"))) > 0
