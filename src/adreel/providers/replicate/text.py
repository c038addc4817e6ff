"""A language model's whole answer: read from its stream, or from the finished prediction when the stream breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from adreel.catalogue.models import TextModel
from adreel.domain.errors import GenerationError, UnavailableError
from adreel.domain.remote import JobStatus
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions
from adreel.providers.replicate.predictions import Prediction, texts

_POLL_SECONDS = 1.0


async def written(
    client: ReplicateClient,
    model: TextModel,
    given: dict[str, object],
    *,
    sleep: Callable[[float], Awaitable[object]],
    cancel_after: int = 120,
) -> str:
    """The answer to an input. `cancel_after` in seconds: the provider gives up then. Raises GenerationError."""
    inputs = {**model.inputs, **given}
    prediction = await client.create(model.reference, inputs, SubmitOptions(cancel_after=cancel_after))
    if prediction.stream_url:
        try:
            return "".join([piece async for piece in client.stream(prediction)])
        except UnavailableError:
            # A broken stream loses nothing: the prediction goes on and keeps its whole answer for an hour.
            pass
    return await _finished(client, prediction, sleep, polls=2 * cancel_after)


async def _finished(
    client: ReplicateClient, prediction: Prediction, sleep: Callable[[float], Awaitable[object]], polls: int
) -> str:
    for _ in range(polls):
        if prediction.status.is_final:
            break
        await sleep(_POLL_SECONDS)
        prediction = await client.get(prediction.id)
    if prediction.status is not JobStatus.SUCCEEDED:
        raise GenerationError(
            f"the language model gave no answer ({prediction.status}): {prediction.error or 'no reason'}"
        )
    return "".join(texts(prediction.output))
