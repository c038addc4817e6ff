"""Replicate as an engine: orders go out, clips come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.catalogue.schema import check_schema
from adreel.domain.errors import ExpiredError, InputError, UnavailableError
from adreel.domain.remote import JobStatus, RemoteJob, VideoOrder
from adreel.providers.replicate.client import ReplicateClient, SubmitOptions
from adreel.providers.replicate.data_uri import data_uri, is_data_uri, keep
from adreel.providers.replicate.mapping import model_input, seed_of
from adreel.providers.replicate.outputs import check_host
from adreel.providers.replicate.predictions import Prediction, texts

if TYPE_CHECKING:
    from adreel.catalogue.models import VideoModel

Fetch = Callable[[str, Path], Awaitable[object]]
"""Downloads an address to a path, the whole file or none, and follows redirects only where they are harmless."""

_PROVIDER = "replicate"
_LARGEST_INLINE = 256 * 1024
"""Bytes of an image that travels inside the order; a larger one is uploaded first."""

_IMAGE_KINDS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
}

_CANCEL_AFTER = 30 * 60

_CLOCK_SKEW = timedelta(minutes=5)
"""The provider's clock may be behind ours: a job of ours must not look older than its order."""


class ReplicateEngine:
    """A RemoteEngine. Knows the catalogue's video models whose provider is Replicate.

    `fetch` downloads outputs; it never sees the token. `output_hosts` are hosts (``name`` or ``name:port``) that outputs
    may come from besides Replicate's own. `webhook`: an https address to be told of what happens; polling does without.
    """

    name = _PROVIDER

    def __init__(
        self,
        client: ReplicateClient,
        models: Mapping[str, VideoModel],
        fetch: Fetch,
        *,
        output_hosts: Collection[str] = (),
        webhook: str | None = None,
        cancel_after: int = _CANCEL_AFTER,
    ) -> None:
        self._client = client
        self._models = {name: model for name, model in models.items() if model.provider == _PROVIDER}
        self._fetch = fetch
        self._output_hosts = frozenset(output_hosts)
        self._options = SubmitOptions(cancel_after=cancel_after, webhook=webhook)

    def price(self, order: VideoOrder) -> Decimal:
        """What the order will cost at most, in US dollars. Raises InputError for an impossible order."""
        model = self._model(order)
        model_input(model, order, "")
        return model.price_of(order.seconds)

    async def check(self, name: str) -> None:
        """Raises RefusedError when the provider's model is gone, or no longer takes what the catalogue says."""
        model = self._known(name)
        check_schema(model, await self._client.input_schema(model.reference))

    async def submit(self, order: VideoOrder) -> RemoteJob:
        """Places the order once. AmbiguousSubmitError when it may or may not have been accepted: then `find` tells."""
        self.price(order)
        model = self._model(order)
        given = model_input(model, order, await self._image(order.image))
        return self._job(await self._client.create(model.reference, given, self._options))

    async def find(self, seed: int, since: datetime) -> RemoteJob | None:
        """The job with this seed in its input, among those accepted after `since`.

        Raises ExpiredError when there is none, but the inputs of some have been removed: it may have been one of these.
        """
        removed = False
        async for prediction in self._client.list_predictions(since - _CLOCK_SKEW):
            if seed_of(prediction.input, self._models) == seed:
                return self._job(prediction)
            removed = removed or (prediction.data_removed and not prediction.input)
        if removed:
            raise ExpiredError(
                "Replicate has removed the inputs of predictions that may include this order; "
                "look at https://replicate.com/predictions before ordering again"
            )
        return None

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

    async def _image(self, path: Path) -> str:
        """The image as the model's input gets it: inside the order when it is small, else uploaded."""
        content = await asyncio.to_thread(_read, path)
        kind = _IMAGE_KINDS.get(path.suffix.lower(), "application/octet-stream")
        if len(content) <= _LARGEST_INLINE:
            return data_uri(content, kind)
        try:
            async with asyncio.timeout(self._client.policy.upload):
                return (await self._client.upload(f"image{path.suffix.lower()}", content, kind)).url
        except TimeoutError as error:
            raise UnavailableError(f"the image {path.name} could not be uploaded to Replicate in time") from error

    def _job(self, prediction: Prediction) -> RemoteJob:
        outputs = texts(prediction.output)
        return RemoteJob(
            id=prediction.id,
            status=_status(prediction, outputs),
            outputs=outputs,
            error=prediction.error,
            expired=prediction.data_removed,
            seed=seed_of(prediction.input, self._models),
            created_at=prediction.created_at,
            compute_seconds=prediction.predict_seconds,
        )


def _status(prediction: Prediction, outputs: tuple[str, ...]) -> JobStatus:
    """A held-back answer can say `processing` with the clip already in it: a clip is one file, so it is done."""
    if prediction.status is JobStatus.PROCESSING and outputs:
        return JobStatus.SUCCEEDED
    return prediction.status


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the image {path.name}: {error.strerror}") from error
