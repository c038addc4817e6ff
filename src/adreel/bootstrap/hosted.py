"""Opens the hosted providers that settings give an account for, and takes their webhooks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adreel.billing.webhooks import Webhooks
from adreel.bootstrap.core import Core
from adreel.bootstrap.provider_accounts import account_of, accounts
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.storage import downloader
from adreel.catalogue.models import Catalogue
from adreel.domain.errors import SetupError
from adreel.domain.films.images import ImageEngine
from adreel.domain.films.speech import SpeechEngine
from adreel.domain.language_model import TextOrder
from adreel.domain.providers import RemoteEngine, Vendor
from adreel.providers import registry
from adreel.providers.common.connection import Account, Engines, ProviderConfig
from adreel.providers.common.provider import Provider

WEBHOOK_PATH = "/api/webhooks/"


@dataclass(frozen=True, slots=True)
class Hosted:
    """Engines elsewhere, by provider: for clips, pictures, texts and spoken lines."""

    videos: Mapping[str, RemoteEngine]
    images: Mapping[str, ImageEngine]
    texts: Mapping[str, Vendor[TextOrder]]
    speeches: Mapping[str, SpeechEngine] = field(default_factory=dict[str, SpeechEngine])


@asynccontextmanager
async def open_remotes(core: Core) -> AsyncGenerator[Hosted]:
    """Raises SetupError for settings that do not fit together."""
    async with AsyncExitStack() as stack:
        opened = {
            provider.name: await stack.enter_async_context(provider.open(config_of(core, provider, account, url)))
            for provider, account, url in _with_urls(core.settings)
        }
        yield _hosted(opened)


def text_vendors(catalogue: Catalogue, texts: Mapping[str, Vendor[TextOrder]]) -> Mapping[str, Vendor[TextOrder]]:
    """The vendors that take orders for language models, by the model's name; also for models that left the catalogue."""
    retired = {name: each.name for each in registry.providers().values() for name in each.retired_texts}
    named = retired | {name: model.provider for name, model in catalogue.texts.items()}
    return {name: texts[provider] for name, provider in named.items() if provider in texts}


def speech_vendors(catalogue: Catalogue, speeches: Mapping[str, SpeechEngine]) -> Mapping[str, SpeechEngine]:
    """The vendors that take orders for speech models, by the model's name."""
    named = {name: model.provider for name, model in catalogue.speeches.items()}
    return {name: speeches[provider] for name, provider in named.items() if provider in speeches}


def webhooks_of(core: Core) -> Webhooks | None:
    """Takes the webhooks that workers ask for; None when they ask for none. Raises SetupError."""
    readers = {
        provider.name: provider.webhooks(config_of(core, provider, account, url))
        for provider, account, url in _with_urls(core.settings)
        if provider.webhooks is not None and url is not None
    }
    return Webhooks(readers, core.ledger, core.wakeups) if readers else None


def webhook_url(settings: Settings, provider: Provider) -> str | None:
    """Where the provider is to report ends; None when it is not asked to. Raises SetupError."""
    if provider.webhooks is None or account_of(settings, provider) is None or settings.webhooks == "off":
        return None
    public = (settings.public_url or "").rstrip("/")
    if settings.webhooks == "on" and not public:
        raise SetupError(
            "ADREEL_WEBHOOKS=on needs ADREEL_PUBLIC_URL: the address at which the provider reaches this service"
        )
    asked = settings.webhooks == "on" or public.startswith("https://")
    return f"{public}{WEBHOOK_PATH}{provider.name}" if asked else None


def config_of(core: Core, provider: Provider, account: Account, webhook_url: str | None = None) -> ProviderConfig:
    """What the provider is opened with."""
    fetch = downloader(core.settings).fetch

    async def save(url: str, path: Path) -> None:
        await fetch(url, path)

    return ProviderConfig(
        account=account,
        catalogue=core.catalogue,
        time=core.provider_times[provider.name],
        local_time=core.time,
        fetch=save,
        output_hosts=core.settings.download_hosts,
        webhook_url=webhook_url,
    )


def _with_urls(settings: Settings) -> list[tuple[Provider, Account, str | None]]:
    return [(provider, account, webhook_url(settings, provider)) for provider, account in accounts(settings).items()]


def _hosted(opened: Mapping[str, Engines]) -> Hosted:
    return Hosted(
        videos={name: engines.video for name, engines in opened.items() if engines.video is not None},
        images={name: engines.image for name, engines in opened.items() if engines.image is not None},
        texts={name: engines.text for name, engines in opened.items() if engines.text is not None},
        speeches={name: engines.speech for name, engines in opened.items() if engines.speech is not None},
    )
