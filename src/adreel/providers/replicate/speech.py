"""Spoken lines from Replicate: an order becomes a model's input by the catalogue, with the order's marker behind its words."""

from __future__ import annotations

from decimal import Decimal

from adreel.catalogue.fields import Value
from adreel.catalogue.models import SpeechModel
from adreel.domain.films.speech import SpeechOrder
from adreel.domain.providers import RemoteJob
from adreel.providers.common.prompt_marker import marked_line, marker_in
from adreel.providers.replicate.responses import Json
from adreel.providers.replicate.vendor import ReplicateFileVendor


class ReplicateSpeechEngine(ReplicateFileVendor[SpeechModel]):
    """A SpeechEngine for the catalogue's speech models. Made as `ReplicateFileVendor` is."""

    kind = "speech model"
    cancel_after = 5 * 60

    def price(self, order: SpeechOrder) -> Decimal:
        """Returns the price of the line in US dollars, the marker's characters included. Raises InputError for an impossible
        order."""
        model = self._known(order.model)
        return model.price_of(len(str(speech_input(model, order)[model.text_field])))

    async def submit(self, order: SpeechOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        model = self._known(order.model)
        self.price(order)
        return await self._create(model, speech_input(model, order))

    def _marker(self, given: Json) -> int | None:
        return marker_in(given, {model.text_field for model in self._models.values()})


def speech_input(model: SpeechModel, order: SpeechOrder) -> dict[str, Value]:
    """The input of one order. Raises InputError for one that the model cannot fill."""
    model.check(order.text, order.language)
    given: dict[str, Value] = {**model.inputs, model.voice_field: order.voice or model.voices[0]}
    given[model.text_field] = marked_line(order.text, order.marker)
    if model.language_field:
        given[model.language_field] = model.language_value(order.language)
    return given
