"""The calls of Replicate's API that adreel makes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote, urlencode

import httpx

from adreel.domain.errors import AmbiguousSubmitError, RefusedError, UnavailableError
from adreel.providers.common.provider_time import ProviderTime
from adreel.providers.replicate.responses import Json, Prediction, body_of, read_prediction
from adreel.providers.replicate.transport import API, Call, Policy, Time, Transport

__all__ = ["API", "Policy", "ReplicateClient", "SubmitOptions", "Time", "no_webhook", "open_client"]

_MOST_PAGES = 100
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """How a prediction is run. The provider stops it after `cancel_after` whole seconds and calls `webhook` when it has ended."""

    cancel_after: int | None = None
    webhook: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        return {} if self.cancel_after is None else {"cancel-after": f"{self.cancel_after}s"}

    @property
    def fields(self) -> Mapping[str, object]:
        if self.webhook is None:
            return {}
        return {"webhook": self.webhook, "webhook_events_filter": ["completed"]}


def no_webhook() -> str | None:
    """For orders that are only polled for."""
    return None


_UPLOADED = re.compile(r"https?://[\w.:\[\]-]+/(?:[\w.-]+/)*files/(?P<id>[\w.-]{1,200})")


class ReplicateClient:
    """A thin adapter. Use one for each event loop, as its `http` client is bound to the loop that first uses it.

    Every method may raise UnauthorizedError, NoCreditError, RefusedError, ThrottledError and UnavailableError.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str,
        *,
        base_url: str = API,
        policy: Policy | None = None,
        time: Time | None = None,
        provider_time: ProviderTime | None = None,
    ) -> None:
        """`provider_time` follows Replicate's clock by the Date of every answer, for other users of it."""
        self.policy = policy or Policy()
        self._provider_time = provider_time or ProviderTime()
        self._transport = Transport(http, token, base_url, self.policy, time or Time(), self._provider_time)

    def now(self) -> datetime | None:
        """Replicate's own time, never ahead of it; None before its first answer."""
        return self._provider_time.now()

    async def create(self, reference: str, given: Json, options: SubmitOptions | None = None) -> Prediction:
        """Orders a prediction, once. `reference` is owner/name (official models), or owner/name:version.

        Raises AmbiguousSubmitError when it may or may not have been accepted; then it must be looked for in
        `list_predictions`. So must it when this call is cancelled while it waits.
        """
        chosen = options or SubmitOptions()
        name, _, version = reference.partition(":")
        path = "/predictions" if version else f"/models/{name}/predictions"
        body = {"input": given, **chosen.fields, **({"version": version} if version else {})}
        call = Call("POST", path, json=body, headers=chosen.headers)
        answer = await self._transport.submit(call)
        try:
            return read_prediction(body_of(answer))
        except UnavailableError as error:
            raise AmbiguousSubmitError(f"Replicate has taken the order, but its answer is broken: {error}") from error

    async def get(self, prediction_id: str) -> Prediction:
        """The prediction as it is now."""
        return read_prediction(await self._get(f"/predictions/{quote(prediction_id, safe='')}"))

    async def list_predictions(self, created_after: datetime | None = None) -> AsyncIterator[Prediction]:
        """The account's predictions that were accepted after a moment, newest first, page by page."""
        after = created_after.astimezone(UTC).isoformat().replace("+00:00", "Z") if created_after else None
        path: str | None = "/predictions" + (f"?{urlencode({'created_after': after})}" if after else "")
        for _ in range(_MOST_PAGES):
            page = await self._table(path)
            for entry in cast("list[object]", page.get("results") or []):
                yield read_prediction(entry)
            following = page.get("next")
            if not isinstance(following, str) or not following:
                return
            path = following
        raise UnavailableError(
            f"Replicate lists more than {_MOST_PAGES} pages of predictions; look from a later moment on"
        )

    async def cancel(self, prediction_id: str) -> Prediction:
        """Asks for a prediction to stop; one that has ended stays as it is."""
        call = Call("POST", f"/predictions/{quote(prediction_id, safe='')}/cancel")
        return read_prediction(body_of(await self._transport.repeat(call)))

    async def upload(self, name: str, content: bytes, content_type: str) -> Upload:
        """Sends a file, for use as an input; it is kept for 24 hours. At most 100 MiB."""
        files = {"content": (name, content, content_type)}
        body = body_of(await self._transport.repeat(Call("POST", "/files", files=files)))
        facts = cast("Json", body) if isinstance(body, dict) else {}
        urls = facts.get("urls")
        url = cast("Json", urls).get("get") if isinstance(urls, dict) else None
        if not isinstance(url, str) or "id" not in facts:
            raise UnavailableError("Replicate has taken the file, but does not say where it is")
        return Upload(str(facts["id"]), url)

    async def delete_upload(self, upload_id: str) -> None:
        """Removes a file; one that is gone already is no error."""
        with contextlib.suppress(RefusedError):
            await self._transport.repeat(Call("DELETE", f"/files/{quote(upload_id, safe='')}"))

    def uploaded(self, url: object) -> str | None:
        """The id of an uploaded file whose URL this is; None for anything else."""
        found = _UPLOADED.fullmatch(url) if isinstance(url, str) else None
        return found["id"] if found and self._transport.is_ours(found[0]) else None

    async def input_schema(self, reference: str) -> Json:
        """The OpenAPI document of a model's version, or of its latest. Raises RefusedError when it is not there."""
        name, _, version = reference.partition(":")
        page = await self._table(f"/models/{name}" + (f"/versions/{version}" if version else ""))
        holder = page if version else page.get("latest_version")
        document = cast("Json", holder).get("openapi_schema") if isinstance(holder, dict) else None
        if not isinstance(document, dict):
            raise RefusedError(f"Replicate describes no inputs of {reference}; check the model's page")
        return cast("Json", document)

    async def webhook_secret(self) -> str:
        """What webhooks are signed with, ``whsec_…``; keep it as secret as the token."""
        key = (await self._table("/webhooks/default/secret")).get("key")
        if not isinstance(key, str):
            raise UnavailableError("Replicate does not reveal the webhook secret")
        return key

    async def _get(self, path: str) -> object:
        return body_of(await self._transport.repeat(Call("GET", path)))

    async def _table(self, path: str) -> Json:
        body = await self._get(path)
        if not isinstance(body, dict):
            raise UnavailableError("Replicate answered with something unexpected")
        return cast("Json", body)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file at the provider: `url` stands for it in inputs."""

    id: str
    url: str


@contextlib.asynccontextmanager
async def open_client(
    token: str,
    *,
    base_url: str = API,
    policy: Policy | None = None,
    time: Time | None = None,
    provider_time: ProviderTime | None = None,
) -> AsyncGenerator[ReplicateClient]:
    """A client with connections of its own, for the running event loop; they are closed at the end of the block."""
    # A proxy of the environment cannot reach a stand-in on this machine.
    around = httpx.URL(base_url).host not in _LOOPBACK
    async with httpx.AsyncClient(trust_env=around) as http:
        yield ReplicateClient(http, token, base_url=base_url, policy=policy, time=time, provider_time=provider_time)
