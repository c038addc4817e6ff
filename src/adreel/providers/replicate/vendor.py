"""What Replicate's engines for clips, images and texts have in common: known models, the life of a job, its output files."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from adreel.catalogue.models import Model
from adreel.domain.errors import InputError
from adreel.domain.providers import JobStatus, RemoteJob, Search
from adreel.providers.common.connection import Fetch
from adreel.providers.common.data_uri import is_data_uri, keep
from adreel.providers.common.input_checks import InputChecks
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions, no_webhook
from adreel.providers.replicate.files import check_host, without_uploads
from adreel.providers.replicate.lookup import remote_job, search_predictions
from adreel.providers.replicate.responses import Json, Prediction, texts

M = TypeVar("M", bound=Model)

_PROVIDER = "replicate"


class ReplicateVendor(ABC, Generic[M]):
    """A Vendor without `price` and `submit`. Knows those of `models` whose provider is Replicate.

    `webhook` returns the address for webhooks, if there is one; without it jobs are polled. Replicate stops a job
    `cancel_after` seconds after it was accepted.
    """

    name = _PROVIDER
    kind: ClassVar[str]
    """What a model of these is called in messages."""

    def __init__(
        self, client: ReplicateClient, models: Mapping[str, M], webhook: Callable[[], str | None], cancel_after: int
    ) -> None:
        self._client = client
        self._models = {name: model for name, model in models.items() if model.provider == _PROVIDER}
        self._webhook = webhook
        self._cancel_after = cancel_after
        self._checks = InputChecks(client.input_schema)

    async def check(self, name: str) -> None:
        """Raises RefusedError when the provider's model is gone, or no longer takes what the catalogue says; UnavailableError
        when that is not known. Checked once a day.
        """
        await self._checks.require(self._known(name))

    def now(self) -> datetime | None:
        """Replicate's own time, never ahead of it; None before its first answer."""
        return self._client.now()

    async def search(self, marker: int, since: datetime | None) -> Search:
        """Searches for the job with this marker among those accepted since a time of Replicate's clock."""
        return await search_predictions(self._client, marker, since, self._marker, self._job)

    async def poll(self, job_id: str) -> RemoteJob:
        """Returns the current state of the job."""
        return self._job(await without_uploads(self._client, await self._client.get(job_id)))

    async def cancel(self, job_id: str) -> RemoteJob:
        """Requests that the job stop; a job that has ended is unchanged."""
        return self._job(await without_uploads(self._client, await self._client.cancel(job_id)))

    async def _create(self, model: M, given: Json) -> RemoteJob:
        """Places an order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        options = SubmitOptions(self._cancel_after, webhook=self._webhook())
        return self._job(await self._client.create(model.reference, given, options))

    def _known(self, name: str) -> M:
        model = self._models.get(name)
        if model is None:
            known = ", ".join(self._models)
            raise InputError(f"Replicate has no {self.kind} {name!r} in the catalogue; choose one of {known}")
        return model

    @abstractmethod
    def _marker(self, given: Json) -> int | None:
        """Returns the marker in a prediction's input, for whichever of the models it was."""

    def _result(self, prediction: Prediction) -> tuple[tuple[str, ...], JobStatus]:
        """Returns the outputs, and the status. A prediction can be `processing` with its one file in it: then it is done."""
        outputs = texts(prediction.output)
        early = prediction.status is JobStatus.PROCESSING and bool(outputs)
        return outputs, JobStatus.SUCCEEDED if early else prediction.status

    def _job(self, prediction: Prediction) -> RemoteJob:
        outputs, status = self._result(prediction)
        return remote_job(prediction, outputs, status, self._marker(prediction.input), self._client.now())


class ReplicateFileVendor(ReplicateVendor[M]):
    """A ReplicateVendor whose outputs are files. `fetch` and `output_hosts` are those of `OutputFiles`."""

    cancel_after: ClassVar[int]
    """Seconds after which Replicate stops a job."""

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, M],
        fetch: Fetch,
        *,
        output_hosts: Collection[str] = (),
        webhook: Callable[[], str | None] = no_webhook,
    ) -> None:
        super().__init__(client, models, webhook, self.cancel_after)
        self._files = OutputFiles(fetch, output_hosts)

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the complete file or none. Raises RefusedError for a host that is not allowed."""
        await self._files.save(url, path)


class OutputFiles:
    """Fetches output files. `fetch` downloads them and never sees the token; `hosts` (``name`` or ``name:port``) are allowed
    besides Replicate's own.
    """

    def __init__(self, fetch: Fetch, hosts: Collection[str]) -> None:
        self._fetch = fetch
        self._hosts = frozenset(hosts)

    async def save(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the complete file or none. Raises RefusedError for a host that is not allowed."""
        if is_data_uri(url):
            await asyncio.to_thread(keep, url, path)
            return
        check_host(url, self._hosts)
        await self._fetch(url, path)
