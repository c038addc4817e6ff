"""Language models of Replicate: answers are ordered like clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from adreel.catalogue.fields import Value
from adreel.catalogue.models import TextModel
from adreel.domain.language_model import TextOrder, TextRequest
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.providers.common.prompt_marker import mark, marker_in
from adreel.providers.replicate.client import ReplicateClient, no_webhook
from adreel.providers.replicate.responses import Json, Prediction, texts
from adreel.providers.replicate.vendor import ReplicateVendor

_CANCEL_AFTER = 120


class ReplicateTextEngine(ReplicateVendor[TextModel]):
    """A Vendor of TextOrders. The one output of a job that has succeeded is the whole text, its pieces joined."""

    kind = "language model"

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, TextModel],
        *,
        webhook: Callable[[], str | None] = no_webhook,
    ) -> None:
        super().__init__(client, models, webhook, _CANCEL_AFTER)

    def price(self, order: TextOrder) -> Decimal:
        """Returns the highest price of the answer in US dollars. Raises InputError for an unknown model."""
        return self._known(order.model).price

    async def submit(self, order: TextOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        model = self._known(order.model)
        return await self._create(model, text_input(model, order.request, order.marker))

    def _marker(self, given: Json) -> int | None:
        return marker_in(given, {model.prompt_field for model in self._models.values()})

    def _result(self, prediction: Prediction) -> tuple[tuple[str, ...], JobStatus]:
        pieces = texts(prediction.output)
        whole = ("".join(pieces),) if pieces and prediction.status.is_final else ()
        return whole, prediction.status


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
