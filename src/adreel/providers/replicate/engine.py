"""Replicate as an engine: orders go out, clips come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import InputError
from adreel.domain.remote import JobStatus, RemoteJob, VideoOrder
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions, no_webhook
from adreel.providers.replicate.data_uri import is_data_uri, keep
from adreel.providers.replicate.input_checks import InputChecks
from adreel.providers.replicate.lookup import marked_prediction, remote_job
from adreel.providers.replicate.mapping import model_input, seed_of
from adreel.providers.replicate.outputs import check_host
from adreel.providers.replicate.predictions import Prediction, texts
from adreel.providers.replicate.uploads import picture_address

if TYPE_CHECKING:
    from adreel.catalogue.models import VideoModel

Fetch = Callable[[str, Path], Awaitable[object]]
"""Downloads an address to a path, the whole file or none, and follows redirects only where they are harmless."""

_PROVIDER = "replicate"
_CANCEL_AFTER = 30 * 60


class ReplicateEngine:
    """A RemoteEngine. Knows the catalogue's video models whose provider is Replicate.

    `fetch` downloads outputs; it never sees the token. `output_hosts` are hosts (``name`` or ``name:port``) that outputs
    may come from besides Replicate's own. `webhook` gives an address to be told of ends, if there is one; polling does
    without.
    """

    name = _PROVIDER

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, VideoModel],
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

    def price(self, order: VideoOrder) -> Decimal:
        """What the order will cost at most, in US dollars. Raises InputError for an impossible order."""
        model = self._model(order)
        model_input(model, order, "")
        return model.price_of(order.seconds)

    async def check(self, name: str) -> None:
        """Raises RefusedError when the provider's model is gone, or no longer takes what the catalogue says; UnavailableError
        when that cannot be told. Looked up once a day.
        """
        await self._checks.require(self._known(name))

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        self.price(order)
        model = self._model(order)
        given = model_input(model, order, await picture_address(self._client, order.image))
        options = SubmitOptions(self._cancel_after, webhook=self._webhook())
        return self._job(await self._client.create(model.reference, given, options))

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job with this seed in its input, among those accepted after `since`.

        Raises ExpiredError when there is none, but the inputs of some have been removed: it may have been one of these.
        """
        found = await marked_prediction(self._client, seed, since, lambda given: seed_of(given, self._models))
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

    def _model(self, order: VideoOrder) -> VideoModel:
        model = self._known(order.model)
        model.check_duration(order.seconds)
        return model

    def _known(self, name: str) -> VideoModel:
        model = self._models.get(name)
        if model is None:
            raise InputError(
                f"Replicate has no model {name!r} in the catalogue; choose one of {', '.join(self._models)}"
            )
        return model

    def _job(self, prediction: Prediction) -> RemoteJob:
        outputs = texts(prediction.output)
        return remote_job(prediction, outputs, _status(prediction, outputs), seed_of(prediction.input, self._models))


def _status(prediction: Prediction, outputs: tuple[str, ...]) -> JobStatus:
    """A held-back answer can say `processing` with the clip already in it: a clip is one file, so it is done."""
    if prediction.status is JobStatus.PROCESSING and outputs:
        return JobStatus.SUCCEEDED
    return prediction.status
