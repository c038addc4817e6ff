"""The hosted providers that settings give an account for, and what they may tell the service by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.bootstrap.core import Core
from adreel.bootstrap.storage import downloader
from adreel.domain.errors import SetupError
from adreel.domain.images import ImageEngine
from adreel.domain.remote import RemoteEngine
from adreel.domain.text import TextOrder
from adreel.domain.vendor import Vendor
from adreel.orchestrator.webhooks import Webhooks
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.engine import ReplicateEngine
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.providers.replicate.text_engine import ReplicateTextEngine
from adreel.providers.replicate.throttle import Rate
from adreel.providers.replicate.webhooks import WebhookSecret
from adreel.services.defaults import utc_now
from adreel.settings import Settings

WEBHOOK_PATH = "/api/webhooks/replicate"


@dataclass(frozen=True, slots=True)
class Hosted:
    """Engines elsewhere, by provider, for clips and pictures; who answers for language models."""

    videos: Mapping[str, RemoteEngine]
    images: Mapping[str, ImageEngine]
    texts: Vendor[TextOrder] | None


@asynccontextmanager
async def open_remotes(core: Core, policy: Policy | None = None) -> AsyncGenerator[Hosted]:
    """Raises SetupError for settings that do not fit together. `policy` is how patient the adapter is, if not as usual."""
    token = core.settings.replicate_api_token
    if token is None:
        yield Hosted({}, {}, None)
        return
    base = core.settings.replicate_base_url
    async with (
        open_client(token.get_secret_value(), base_url=base, policy=policy or _policy(core.settings)) as client,
        _address(core.settings, client) as address,
    ):
        yield _hosted(core, client, address)


def webhooks_of(core: Core) -> Webhooks | None:
    """Takes the webhooks that workers ask for; None when they ask for none."""
    if webhook_url(core.settings) is None:
        return None
    secret = _secret(core.settings, lambda: _asked(core.settings))
    return Webhooks(secret.get, core.ledger, core.bell, utc_now)


def webhook_url(settings: Settings) -> str | None:
    """Where the provider is to tell of ends; None when it is not asked to. Raises SetupError."""
    if settings.replicate_api_token is None or settings.webhooks == "off":
        return None
    public = (settings.public_url or "").rstrip("/")
    if settings.webhooks == "on" and not public:
        raise SetupError(
            "ADREEL_WEBHOOKS=on needs ADREEL_PUBLIC_URL: the address at which the provider reaches this service"
        )
    asked = settings.webhooks == "on" or public.startswith("https://")
    return f"{public}{WEBHOOK_PATH}" if asked else None


def _hosted(core: Core, client: ReplicateClient, address: Address) -> Hosted:
    fetch = downloader(core.settings).fetch

    async def save(url: str, path: Path) -> None:
        await fetch(url, path)

    known, hosts = core.catalogue, core.settings.download_hosts
    return Hosted(
        videos={"replicate": ReplicateEngine(client, known.videos, save, output_hosts=hosts, webhook=address.known)},
        images={
            "replicate": ReplicateImageEngine(client, known.images, save, output_hosts=hosts, webhook=address.known)
        },
        texts=ReplicateTextEngine(client, known.texts, webhook=address.known),
    )


@dataclass(frozen=True, slots=True)
class Address:
    """Where webhooks go, told only once they can be told from forged ones."""

    url: str | None
    secret: WebhookSecret

    def known(self) -> str | None:
        return self.url if self.secret.known else None


@asynccontextmanager
async def _address(settings: Settings, client: ReplicateClient) -> AsyncGenerator[Address]:
    """The secret is asked for beside the work: orders do not wait for it."""
    url, secret = webhook_url(settings), _secret(settings, client.webhook_secret)
    finding = asyncio.create_task(secret.find()) if url else None
    try:
        yield Address(url, secret)
    finally:
        if finding is not None:
            finding.cancel()
            await asyncio.gather(finding, return_exceptions=True)


def _secret(settings: Settings, ask: Callable[[], Awaitable[str]]) -> WebhookSecret:
    given = settings.replicate_webhook_secret
    return WebhookSecret(ask, None if given is None else given.get_secret_value())


async def _asked(settings: Settings) -> str:
    token = settings.replicate_api_token
    if token is None:
        raise SetupError("no account at Replicate is set up: set ADREEL_REPLICATE_API_TOKEN")
    async with open_client(token.get_secret_value(), base_url=settings.replicate_base_url) as client:
        return await client.webhook_secret()


def _policy(settings: Settings) -> Policy:
    per_minute = settings.replicate_creates_per_minute
    return Policy(creates=Rate(per_minute, max(1, per_minute // 10)))
