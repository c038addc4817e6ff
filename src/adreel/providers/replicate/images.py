"""Images from Replicate: an image order becomes a model's input by the catalogue, and an input contains the order's marker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from adreel.catalogue.fields import Value
from adreel.catalogue.models import ImageModel
from adreel.domain.errors import InputError
from adreel.domain.films.images import ImageOrder
from adreel.domain.providers import RemoteJob
from adreel.providers.common.connection import Fetch
from adreel.providers.common.prompt_marker import mark, marker_in
from adreel.providers.replicate.client import ReplicateClient, no_webhook
from adreel.providers.replicate.files import PREPARED_AT_ONCE, content_address, whole_picture
from adreel.providers.replicate.responses import Json
from adreel.providers.replicate.vendor import ReplicateFileVendor

MOST_ANCHORS = 3
"""Pictures of the real product that are sent along: more say nothing new and make the order slow."""

_SEEDS = 2**31
_MARKERS = 2**32


def image_input(model: ImageModel, order: ImageOrder, anchors: Sequence[str]) -> dict[str, Value | list[str]]:
    """The input of one order; `anchors` are addresses. Raises InputError for an impossible order."""
    _check_range("seed", order.seed, _SEEDS)
    _check_range("marker", order.marker, _MARKERS)
    given: dict[str, Value | list[str]] = {**model.inputs, model.prompt_field: prompt_text(order)}
    if model.seed_field:
        given[model.seed_field] = order.seed
    given.update(model.shape_inputs(order.aspect))
    if model.image_field and anchors:
        given[model.image_field] = list(anchors) if model.image_is_list else anchors[0]
    return given


def prompt_text(order: ImageOrder) -> str:
    """The prompt, then the mark of the purchase, then the unwanted things.

    The mark is white space on a line of its own: the models' tokenizers fold it away, so the picture depends on the seed alone.
    White space within the prompt is folded beforehand, so no prompt can carry a mark.
    """
    avoided = _folded(order.negative_prompt)
    after = f"Without: {avoided}." if avoided else "Photograph."
    return f"{_folded(order.prompt)}{mark(order.marker)}{after}"


def _check_range(what: str, value: int, end: int) -> None:
    if not 0 <= value < end:
        raise InputError(f"the {what} {value} of an image is not a whole number from 0 to {end - 1}")


def _folded(text: str) -> str:
    return " ".join(text.split())


class ReplicateImageEngine(ReplicateFileVendor[ImageModel]):
    """An ImageEngine for the catalogue's image models. Made as `ReplicateFileVendor` is."""

    kind = "image model"
    cancel_after = 10 * 60

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, ImageModel],
        fetch: Fetch,
        *,
        output_hosts: Collection[str] = (),
        webhook: Callable[[], str | None] = no_webhook,
    ) -> None:
        super().__init__(client, models, fetch, output_hosts=output_hosts, webhook=webhook)
        self._preparing = asyncio.Semaphore(PREPARED_AT_ONCE)

    def price(self, order: ImageOrder) -> Decimal:
        """Returns the price of the image in US dollars. Raises InputError for an impossible order."""
        model = self._known(order.model)
        model.check(order.aspect)
        image_input(model, order, [])
        return model.price

    async def submit(self, order: ImageOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        model = self._known(order.model)
        self.price(order)
        sent = order.anchors[:MOST_ANCHORS] if model.image_field else ()
        anchors = [await self._address(path) for path in sent]
        return await self._create(model, image_input(model, order, anchors))

    async def _address(self, path: Path) -> str:
        """Prepares and uploads a picture of the product. Models do not get its camera data, nor formats that they lack."""
        async with self._preparing:
            content = await asyncio.to_thread(whole_picture, path)
        return await content_address(self._client, "image.jpg", content, "image/jpeg")

    def _marker(self, given: Json) -> int | None:
        return marker_in(given, {model.prompt_field for model in self._models.values()})
