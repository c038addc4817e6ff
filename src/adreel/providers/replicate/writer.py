"""Asks a language model at Replicate directly: the answer is read from its stream. Outside of the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from adreel.catalogue.models import TextModel
from adreel.domain.text import TextRequest
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.input_checks import InputChecks
from adreel.providers.replicate.text import written
from adreel.providers.replicate.text_engine import text_input

_CANCEL_AFTER = 60


def streamed(
    client: ReplicateClient,
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    cancel_after: int = _CANCEL_AFTER,
) -> Callable[[TextModel, TextRequest], Awaitable[str]]:
    """For `FallbackModels`. `cancel_after` in seconds: the provider gives up then."""

    checks = InputChecks(client)

    async def ask(model: TextModel, request: TextRequest) -> str:
        await checks.require(model)
        return await written(client, model, {**text_input(model, request)}, sleep=sleep, cancel_after=cancel_after)

    return ask
