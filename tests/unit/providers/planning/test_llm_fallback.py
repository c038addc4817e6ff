from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import Status, TextModel
from adreel.domain.errors import (
    AdreelError,
    AmbiguousSubmitError,
    GenerationError,
    InputError,
    NoCreditError,
    RefusedError,
    UnavailableError,
)
from adreel.domain.language_model import TextRequest
from adreel.providers.planning.fallback import DEFAULT_ORDER, FallbackModels, models_in_order, names_in_order

TEXTS = load_catalogue().texts
QUESTION = TextRequest("system", "{}")


def asking(answers: dict[str, str | AdreelError], seconds: float = 30) -> tuple[FallbackModels, list[str]]:
    asked: list[str] = []

    async def ask(model: TextModel, request: TextRequest) -> str:
        asked.append(model.name)
        given = answers[model.name]
        if isinstance(given, AdreelError):
            raise given
        return given

    return FallbackModels(models_in_order(TEXTS), ask, seconds=seconds), asked


def test_the_models_of_the_order_are_in_the_catalogue_and_the_planned_one_can_be_named() -> None:
    assert [model.name for model in models_in_order(TEXTS)] == list(DEFAULT_ORDER)
    (original,) = models_in_order(TEXTS, ["llama-3.1-70b"])
    assert original.reference == "meta/meta-llama-3.1-70b-instruct"


@pytest.mark.parametrize("first", [RefusedError("gone"), " \n"])
async def test_the_next_model_is_asked_when_one_fails_or_is_silent(first: str | AdreelError) -> None:
    models, asked = asking({"llama-4-maverick": first, "gemini-2.5-flash": "yes"})
    assert await models.write(QUESTION) == "yes"
    assert asked == list(DEFAULT_ORDER)


def test_no_doubtful_model_is_asked_unless_it_is_named() -> None:
    assert not any(TEXTS[name].status.needs_naming for name in DEFAULT_ORDER)
    assert all(TEXTS[name].status is Status.DOUBTFUL for name in ("llama-3.1-70b", "llama-3-70b"))
    assert "llama-3.1-405b" not in TEXTS


async def test_the_last_failure_is_reported() -> None:
    models, _ = asking(dict.fromkeys(DEFAULT_ORDER, GenerationError("broken")))
    with pytest.raises(GenerationError, match="broken"):
        await models.write(QUESTION)


@pytest.mark.parametrize("error", [NoCreditError("empty"), AmbiguousSubmitError("lost")])
async def test_nobody_else_is_asked_when_it_would_not_help_or_may_have_been_paid(error: AdreelError) -> None:
    models, asked = asking({"llama-4-maverick": error})
    with pytest.raises(type(error)):
        await models.write(QUESTION)
    assert asked == ["llama-4-maverick"]


async def test_the_wait_is_bounded() -> None:
    async def ask(model: TextModel, request: TextRequest) -> str:
        await asyncio.sleep(60)
        return "late"

    with pytest.raises(UnavailableError, match="no language model has answered"):
        await FallbackModels(models_in_order(TEXTS), ask, seconds=0.01).write(QUESTION)


def test_the_estimate_is_that_of_the_dearest_model() -> None:
    models, _ = asking({})
    assert models.estimate(QUESTION) == Decimal("0.01")


def test_an_unknown_or_missing_model_is_named() -> None:
    with pytest.raises(InputError, match="no language model is called 'gpt'"):
        models_in_order(TEXTS, ["gpt"])
    with pytest.raises(InputError, match="no language model is named"):
        FallbackModels([], asking({})[0]._ask)


async def test_the_specified_model_is_first_where_its_provider_still_has_it() -> None:
    looked: list[str] = []

    async def there(name: str) -> None:
        looked.append(name)

    assert await names_in_order(there) == ("llama-3.1-70b", *DEFAULT_ORDER)
    assert looked == ["llama-3.1-70b"]


async def test_else_its_successor_is_first() -> None:
    async def gone(name: str) -> None:
        raise RefusedError(f"{name} is not there")

    async def silent(_name: str) -> None:
        await asyncio.sleep(60)

    assert await names_in_order(gone) == DEFAULT_ORDER
    assert await names_in_order(silent, seconds=0.01) == DEFAULT_ORDER
    assert await names_in_order(None) == DEFAULT_ORDER
