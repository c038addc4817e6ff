"""Replicate as a maker of pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from adreel.catalogue.models import ImageModel
from adreel.domain.errors import InputError
from adreel.domain.images import ImageOrder
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions, no_webhook
from adreel.providers.replicate.data_uri import is_data_uri, keep
from adreel.providers.replicate.image_input import MOST_ANCHORS, image_input, marker_in
from adreel.providers.replicate.input_checks import InputChecks
from adreel.providers.replicate.lookup import marked_prediction, remote_job
from adreel.providers.replicate.outputs import check_host
from adreel.providers.replicate.predictions import Prediction, texts
from adreel.providers.replicate.uploads import picture_address

_PROVIDER = "replicate"
_CANCEL_AFTER = 10 * 60

Fetch = Callable[[str, Path], Awaitable[object]]
"""Downloads an address to a path, the whole file or none."""


class ReplicateImageEngine:
    """An ImageEngine. Knows the catalogue's image models whose provider is Replicate.

    `fetch`, `output_hosts` and `webhook` are as for ReplicateEngine; the token is never sent to an output's host.
    """

    name = _PROVIDER

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, ImageModel],
        fetch: Fetch,
        *,
        output_hosts: Collection[str] = (),
        webhook: Callable[[], str | None] = no_webhook,
        cancel_after: int = _CANCEL_AFTER,
    ) -> None:
        self._client = client
        self._models = {name: model for name, model in models.items() if model.provider == _PROVIDER}
        self._fetch = fetch
        self._output_hosts = frozenset(output_hosts)
        self._webhook = webhook
        self._checks = InputChecks(client)
        self._cancel_after = cancel_after

    def price(self, order: ImageOrder) -> Decimal:
        """What the picture will cost, in US dollars. Raises InputError for an impossible order."""
        model = self._known(order.model)
        image_input(model, order, [])
        return model.price

    async def check(self, name: str) -> None:
        """Raises RefusedError when the provider's model is gone, or no longer takes what the catalogue says; UnavailableError
        when that cannot be told. Looked up once a day.
        """
        await self._checks.require(self._known(name))

    async def submit(self, order: ImageOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        model = self._known(order.model)
        self.price(order)
        sent = order.anchors[:MOST_ANCHORS] if model.image_field else ()
        anchors = [await picture_address(self._client, path) for path in sent]
        options = SubmitOptions(self._cancel_after, webhook=self._webhook())
        return self._job(await self._client.create(model.reference, image_input(model, order, anchors), options))

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job that carries this marker, among those accepted after `since`. Raises ExpiredError when it cannot be told."""
        found = await marked_prediction(self._client, seed, since, lambda given: marker_in(given, self._models))
        return None if found is None else self._job(found)

    async def poll(self, job_id: str) -> RemoteJob:
        """The job as it is now."""
        return self._job(await self._client.get(job_id))

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the whole file or none. Raises RefusedError for a host that is not the provider's."""
        if is_data_uri(url):
            await asyncio.to_thread(keep, url, path)
            return
        check_host(url, self._output_hosts)
        await self._fetch(url, path)

    async def cancel(self, job_id: str) -> RemoteJob:
        """Asks for the job to stop; one that has ended stays as it is."""
        return self._job(await self._client.cancel(job_id))

    def _known(self, name: str) -> ImageModel:
        model = self._models.get(name)
        if model is None:
            raise InputError(
                f"Replicate has no image model {name!r} in the catalogue; choose one of {', '.join(self._models)}"
            )
        return model

    def _job(self, prediction: Prediction) -> RemoteJob:
        outputs = texts(prediction.output)
        # A held-back answer can say `processing` with the picture already in it: it is one file, so it is done.
        early = prediction.status is JobStatus.PROCESSING and bool(outputs)
        status = JobStatus.SUCCEEDED if early else prediction.status
        return remote_job(prediction, outputs, status, marker_in(prediction.input, self._models))
