from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.providers.registry import providers
from adreel.routers.common.services import Services
from adreel.web import choices

ACCOUNTS = tuple(providers())


def services(*names: str) -> Services:
    """All that choices look at."""
    given: dict[str, Any] = {
        "catalogue": load_catalogue(),
        "providers": frozenset(names),
        "wanting": dict.fromkeys(ACCOUNTS, "set a token to use it"),
    }
    return cast("Services", SimpleNamespace(**given))


def test_what_can_be_used_comes_first_and_the_rest_says_what_to_set() -> None:
    first, *others = choices.video_models(services("local"))
    assert (first.name, first.price, first.available) == ("local", "Free", True)
    assert {model.needs for model in others} == {"needs an account at Replicate"}
    assert not any(model.available for model in others)


def test_prices_are_those_of_what_is_bought() -> None:
    models = {model.name: json.loads(model.prices) for model in choices.video_models(services("local", *ACCOUNTS))}
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


def test_shapes_that_a_model_cannot_make_are_known_to_the_page() -> None:
    models = {model.name: model for model in choices.video_models(services("local", *ACCOUNTS))}
    assert json.loads(models["veo-3.1-fast"].aspects) == ["16:9", "9:16"]
    assert json.loads(models["local"].aspects) == list(choices.aspects())
    assert all(json.loads(model.aspects) for model in choices.image_models(services("local", *ACCOUNTS)))


def test_what_is_to_be_known_of_a_price_is_said() -> None:
    offered = choices.video_models(services("local", *ACCOUNTS))
    models = {model.name: model for model in offered}
    assert models["stable-video-diffusion"].note == "estimate, seen 30 Nov 2026, legacy"
    assert models["wan-2.2-i2v-fast"].note == "seen 6 Oct 2026"
    assert models["local"].note == ""
    assert offered[-1].note.endswith("legacy"), "what may be switched off is offered last"


def test_images_are_offered_where_a_model_can_be_used() -> None:
    assert choices.image_models(services("local")) == []
    assert choices.image_models(services("local", *ACCOUNTS))


def test_ideas_cost_nothing_where_no_language_model_is_asked() -> None:
    assert choices.ideas_price(services("local")) == ""
    assert float(choices.ideas_price(services("local", *ACCOUNTS))) > 0
