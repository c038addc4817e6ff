"""Replicate's language models as something to order answers from, so that they are paid for once like clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from adreel.catalogue.fields import Value
from adreel.catalogue.models import TextModel
from adreel.domain.errors import InputError
from adreel.domain.remote import RemoteJob
from adreel.domain.text import TextOrder, TextRequest
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions, no_webhook
from adreel.providers.replicate.input_checks import InputChecks
from adreel.providers.replicate.lookup import marked_prediction, remote_job
from adreel.providers.replicate.mapping import mark, marked_seed
from adreel.providers.replicate.predictions import Json, Prediction, texts

_PROVIDER = "replicate"
_CANCEL_AFTER = 120


class ReplicateTextEngine:
    """A Vendor of TextOrders. The one output of a job that has succeeded is the whole text, its pieces joined."""

    name = _PROVIDER

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, TextModel],
        *,
        webhook: Callable[[], str | None] = no_webhook,
        cancel_after: int = _CANCEL_AFTER,
    ) -> None:
        self._client = client
        self._models = {name: model for name, model in models.items() if model.provider == _PROVIDER}
        self._webhook = webhook
        self._checks = InputChecks(client)
        self._cancel_after = cancel_after

    def price(self, order: TextOrder) -> Decimal:
        """What the answer will cost at most, in US dollars. Raises InputError for a model that is not there."""
        return self._known(order.model).price

    async def check(self, name: str) -> None:
        """Raises RefusedError when the provider's model is gone, or no longer takes what the catalogue says; UnavailableError
        when that cannot be told. Looked up once a day.
        """
        await self._checks.require(self._known(name))

    async def submit(self, order: TextOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        model = self._known(order.model)
        given = text_input(model, order.request, order.marker)
        options = SubmitOptions(self._cancel_after, webhook=self._webhook())
        return self._job(await self._client.create(model.reference, given, options))

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job that carries this marker, among those accepted after `since`. Raises ExpiredError when it cannot be told."""
        found = await marked_prediction(self._client, seed, since, self._marker)
        return None if found is None else self._job(found)

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        return self._job(await self._client.get(job_id))

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        return self._job(await self._client.cancel(job_id))

    def _known(self, name: str) -> TextModel:
        model = self._models.get(name)
        if model is None:
            raise InputError(
                f"Replicate has no language model {name!r} in the catalogue; choose one of {', '.join(self._models)}"
            )
        return model

    def _marker(self, given: Json) -> int | None:
        for field in {model.prompt_field for model in self._models.values()}:
            text = given.get(field)
            if isinstance(text, str) and (found := marked_seed(text)) is not None:
                return found
        return None

    def _job(self, prediction: Prediction) -> RemoteJob:
        pieces = texts(prediction.output)
        whole = ("".join(pieces),) if pieces and prediction.status.is_final else ()
        return remote_job(prediction, whole, prediction.status, self._marker(prediction.input))


def text_input(model: TextModel, request: TextRequest, marker: int | None = None) -> dict[str, Value]:
    """The input of one question. A model that has no field for the system's part gets it before the user's.

    The marker is white space on a line of its own before the user's part. What people wrote comes as JSON there, where line
    breaks are escaped, so it cannot carry a marker.
    """
    before = "" if marker is None else mark(marker)
    given: dict[str, Value] = dict(model.inputs)
    if model.system_field:
        given[model.system_field] = request.system
        given[model.prompt_field] = f"{before}{request.user}"
    else:
        given[model.prompt_field] = f"{request.system}\n{before}{request.user}"
    if model.tokens_field:
        given[model.tokens_field] = request.max_tokens
    if model.temperature_field:
        given[model.temperature_field] = request.temperature
    return given
