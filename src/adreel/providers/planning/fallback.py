"""Several language models in an order: the next one is asked when one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

from adreel.catalogue.models import TextModel
from adreel.domain.errors import (
    AmbiguousSubmitError,
    GenerationError,
    InputError,
    NoCreditError,
    UnauthorizedError,
    UnavailableError,
    UnknownOrderError,
)
from adreel.domain.language_model import TextRequest

SPECIFIED = "llama-3.1-70b"
"""The model that was asked for: it comes first where its provider still has it, which is looked up (decision 0088)."""

DEFAULT_ORDER = ("llama-4-maverick", "gemini-2.5-flash")
"""Models that are known to be offered: the successor of `SPECIFIED` first. Doubtful ones must be named."""

Check = Callable[[str], Awaitable[None]]
"""Looks a model up by its name. Raises GenerationError when its provider has it no more, or does not say."""

_LOOK_SECONDS = 5.0

Ask = Callable[[TextModel, TextRequest], Awaitable[str]]
"""One model's answer to a question, however it is got."""

_FOR_ALL = (UnauthorizedError, NoCreditError, AmbiguousSubmitError, UnknownOrderError)
"""Errors that the next model would meet as well, or after which an answer may have been paid for: no other model is tried."""

_WHOLE_SECONDS = 120.0


class FallbackModels:
    """A LanguageModel. `seconds` bounds the wait for all models together."""

    def __init__(self, models: Sequence[TextModel], ask: Ask, *, seconds: float = _WHOLE_SECONDS) -> None:
        if not models:
            raise InputError("no language model is named; name one of the catalogue")
        self.name = models[0].name
        self._models = tuple(models)
        self._ask = ask
        self._seconds = seconds

    def estimate(self, request: TextRequest) -> Decimal:  # noqa: ARG002 (prices are for an answer, whatever was asked)
        """What an answer costs at most, in US dollars, whichever model gives it."""
        return max(model.price for model in self._models)

    async def write(self, request: TextRequest) -> str:
        """The first answer that comes. Raises the last model's error; BudgetError at once."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._first(request)
        except TimeoutError as error:
            raise UnavailableError(f"no language model has answered within {self._seconds:g} s") from error

    async def _first(self, request: TextRequest) -> str:
        failed: GenerationError | None = None
        for model in self._models:
            try:
                text = await self._ask(model, request)
            except _FOR_ALL:
                raise
            except GenerationError as error:
                failed = error
            else:
                if text.strip():
                    return text
                failed = GenerationError(f"{model.name} gave an empty answer")
        raise failed or GenerationError("no language model was asked")


def models_in_order(texts: Mapping[str, TextModel], names: Sequence[str] = DEFAULT_ORDER) -> tuple[TextModel, ...]:
    """The catalogue's models of these names. Raises InputError for one that is not there."""
    unknown = [name for name in names if name not in texts]
    if unknown:
        raise InputError(f"no language model is called {unknown[0]!r}; choose from {', '.join(texts)}")
    return tuple(texts[name] for name in names)


async def names_in_order(check: Check | None, seconds: float = _LOOK_SECONDS) -> tuple[str, ...]:
    """The names of the models to ask, in order: `SPECIFIED` first if a look-up finds it within `seconds`. Buys nothing.

    `check` None: there is no account with its provider.
    """
    if check is None:
        return DEFAULT_ORDER
    try:
        async with asyncio.timeout(seconds):
            await check(SPECIFIED)
    except (GenerationError, TimeoutError):
        return DEFAULT_ORDER
    return (SPECIFIED, *DEFAULT_ORDER)
