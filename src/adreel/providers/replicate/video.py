"""Replicate as an engine: orders go out, clips come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from adreel.catalogue.models import VideoModel
from adreel.domain.providers import RemoteJob, VideoOrder
from adreel.providers.common.connection import Fetch
from adreel.providers.replicate.client import ReplicateClient, no_webhook
from adreel.providers.replicate.files import PREPARED_AT_ONCE, content_address, framed_picture
from adreel.providers.replicate.mapping import model_input, seed_of
from adreel.providers.replicate.responses import Json
from adreel.providers.replicate.vendor import ReplicateFileVendor


class ReplicateEngine(ReplicateFileVendor[VideoModel]):
    """A RemoteEngine for the catalogue's video models. Made as `ReplicateFileVendor` is."""

    kind = "model"
    cancel_after = 30 * 60

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, VideoModel],
        fetch: Fetch,
        *,
        output_hosts: Collection[str] = (),
        webhook: Callable[[], str | None] = no_webhook,
    ) -> None:
        super().__init__(client, models, fetch, output_hosts=output_hosts, webhook=webhook)
        self._framing = asyncio.Semaphore(PREPARED_AT_ONCE)

    def price(self, order: VideoOrder) -> Decimal:
        """Returns the highest price of the order in US dollars. Raises InputError for an impossible order."""
        model = self._model(order)
        model_input(model, order, "")
        return model.price_of(order.seconds)

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out.

        The image is sent in the aspect of the film: that of many models' clips is their image's.
        """
        self.price(order)
        model = self._model(order)
        async with self._framing:
            image = await asyncio.to_thread(framed_picture, order.image, model.image_aspect(order.aspect))
        address = await content_address(self._client, "image.jpg", image, "image/jpeg")
        return await self._create(model, model_input(model, order, address))

    def _model(self, order: VideoOrder) -> VideoModel:
        model = self._known(order.model)
        model.check(order.seconds, order.aspect)
        return model

    def _marker(self, given: Json) -> int | None:
        return seed_of(given, self._models)
