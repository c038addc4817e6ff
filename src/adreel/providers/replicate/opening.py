"""Opens Replicate's engines, history and webhooks for an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from adreel.catalogue.models import VideoModel
from adreel.domain.costs.reconciliation import Run
from adreel.providers.common.connection import Account, Engines, ProviderConfig
from adreel.providers.common.provider_time import AskedTime
from adreel.providers.common.throttle import Rate
from adreel.providers.common.webhooks import WebhookSecret
from adreel.providers.replicate.client import API, Policy, ReplicateClient, open_client
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.providers.replicate.lookup import provider_time, runs_since
from adreel.providers.replicate.speech import ReplicateSpeechEngine
from adreel.providers.replicate.text import ReplicateTextEngine
from adreel.providers.replicate.video import ReplicateEngine
from adreel.providers.replicate.webhooks import ReplicateWebhooks


@asynccontextmanager
async def open_engines(config: ProviderConfig) -> AsyncGenerator[Engines]:
    async with _client(config, _policy(config.account)) as client, _address(config, client) as address:
        yield _engines(config, client, address.known)


@asynccontextmanager
async def open_history(config: ProviderConfig) -> AsyncGenerator[ReplicateHistory]:
    async with _client(config) as client:
        yield ReplicateHistory(client, config.catalogue.videos)


def webhook_reader(config: ProviderConfig) -> ReplicateWebhooks:
    """Asks the account for what webhooks are signed with, unless the settings say it, and for Replicate's time."""

    async def ask() -> str:
        async with _client(config) as client:
            return await client.webhook_secret()

    times = AskedTime(config.time, ask, config.local_time)
    return ReplicateWebhooks(_secret(config, ask).get, times.now)


class ReplicateHistory:
    """A History: the account's predictions."""

    def __init__(self, client: ReplicateClient, models: Mapping[str, VideoModel]) -> None:
        self._client = client
        self._models = models

    async def now(self) -> datetime | None:
        """Replicate's own time; None when its answers have no Date."""
        return await provider_time(self._client)

    async def runs_since(self, since: datetime) -> Sequence[Run]:
        """All predictions since a moment of Replicate's clock."""
        return await runs_since(self._client, since, self._models)


@dataclass(frozen=True, slots=True)
class Address:
    """The address for webhooks; given to orders only once signatures can be verified."""

    url: str | None
    secret: WebhookSecret

    def known(self) -> str | None:
        return self.url if self.secret.known else None


@asynccontextmanager
async def _address(config: ProviderConfig, client: ReplicateClient) -> AsyncGenerator[Address]:
    """The secret is asked for beside the work: orders do not wait for it."""
    url, secret = config.webhook_url, _secret(config, client.webhook_secret)
    finding = asyncio.create_task(secret.find()) if url else None
    try:
        yield Address(url, secret)
    finally:
        if finding is not None:
            finding.cancel()
            await asyncio.gather(finding, return_exceptions=True)


def _engines(config: ProviderConfig, client: ReplicateClient, webhook: Callable[[], str | None]) -> Engines:
    known, fetch, hosts = config.catalogue, config.fetch, config.output_hosts
    return Engines(
        video=ReplicateEngine(client, known.videos, fetch, output_hosts=hosts, webhook=webhook),
        image=ReplicateImageEngine(client, known.images, fetch, output_hosts=hosts, webhook=webhook),
        text=ReplicateTextEngine(client, known.texts, webhook=webhook),
        speech=ReplicateSpeechEngine(client, known.speeches, fetch, output_hosts=hosts, webhook=webhook),
    )


def _client(config: ProviderConfig, policy: Policy | None = None) -> AbstractAsyncContextManager[ReplicateClient]:
    account = config.account
    return open_client(account.api_token, base_url=account.base_url or API, policy=policy, provider_time=config.time)


def _secret(config: ProviderConfig, ask: Callable[[], Awaitable[str]]) -> WebhookSecret:
    return WebhookSecret(ask, config.account.webhook_secret)


def _policy(account: Account) -> Policy:
    per_minute = account.creates_per_minute
    return Policy() if per_minute is None else Policy(creates=Rate(per_minute, max(1, per_minute // 10)))
