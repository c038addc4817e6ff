from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import TextModel
from adreel.domain.errors import (
    AdreelError,
    AmbiguousSubmitError,
    GenerationError,
    InputError,
    NoCreditError,
    RefusedError,
    UnavailableError,
)
from adreel.domain.text import TextRequest
from adreel.providers.llm.fallback import DEFAULT_ORDER, ORIGINAL, FallbackModels, models_in_order

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
    (original,) = models_in_order(TEXTS, [ORIGINAL])
    assert original.reference == "meta/meta-llama-3.1-70b-instruct"


async def test_the_next_model_is_asked_when_one_fails_or_is_silent() -> None:
    models, asked = asking({"llama-3-70b": RefusedError("gone"), "llama-4-maverick": " \n", "llama-3.1-405b": "yes"})
    assert await models.write(QUESTION) == "yes"
    assert asked == list(DEFAULT_ORDER)


async def test_the_last_failure_is_told() -> None:
    models, _ = asking(dict.fromkeys(DEFAULT_ORDER, GenerationError("broken")))
    with pytest.raises(GenerationError, match="broken"):
        await models.write(QUESTION)


@pytest.mark.parametrize("error", [NoCreditError("empty"), AmbiguousSubmitError("lost")])
async def test_nobody_else_is_asked_when_it_would_not_help_or_may_have_been_paid(error: AdreelError) -> None:
    models, asked = asking({"llama-3-70b": error})
    with pytest.raises(type(error)):
        await models.write(QUESTION)
    assert asked == ["llama-3-70b"]


async def test_the_wait_is_bounded() -> None:
    async def ask(model: TextModel, request: TextRequest) -> str:
        await asyncio.sleep(60)
        return "late"

    with pytest.raises(UnavailableError, match="no language model has answered"):
        await FallbackModels(models_in_order(TEXTS), ask, seconds=0.01).write(QUESTION)


def test_the_estimate_is_that_of_the_dearest_model() -> None:
    models, _ = asking({})
    assert models.estimate(QUESTION) == Decimal("0.03")


def test_an_unknown_or_missing_model_is_named() -> None:
    with pytest.raises(InputError, match="no language model is called 'gpt'"):
        models_in_order(TEXTS, ["gpt"])
    with pytest.raises(InputError, match="no language model is named"):
        FallbackModels([], asking({})[0]._ask)
