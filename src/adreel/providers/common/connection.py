"""What a provider is opened with, and what that gives: engines and the history of an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from adreel.catalogue.models import Catalogue
from adreel.domain.costs.reconciliation import Run
from adreel.domain.films.images import ImageEngine
from adreel.domain.films.speech import SpeechEngine
from adreel.domain.language_model import TextOrder
from adreel.domain.providers import RemoteEngine, Vendor
from adreel.providers.common.provider_time import ProviderTime

Fetch = Callable[[str, Path], Awaitable[object]]
"""Downloads an address to a path, the whole file or none, and follows redirects only where they are harmless."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a provider, as the settings give it. None where a setting is unset: the provider's own default holds."""

    api_token: str = field(repr=False)
    base_url: str | None = None
    creates_per_minute: int | None = None
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """What a provider is opened with. Plain values and callables: a provider reads no settings.

    `time` follows the provider's clock by its answers, for others as well; `local_time` is that of this service. `fetch`
    downloads outputs and never sees the token; `output_hosts` are hosts that outputs may come from besides the provider's own.
    `webhook_url` is where the provider is to report that a job has ended; None when results are only polled for.
    """

    account: Account
    catalogue: Catalogue
    time: ProviderTime
    local_time: Callable[[], datetime]
    fetch: Fetch
    output_hosts: Collection[str] = ()
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one provider; None for what it does not offer. Each has the price of an order (`price`) by the catalogue."""

    video: RemoteEngine | None = None
    image: ImageEngine | None = None
    text: Vendor[TextOrder] | None = None
    speech: SpeechEngine | None = None


class History(Protocol):
    """What an account has run, for `adreel reconcile`. Methods may raise GenerationError and its kinds."""

    async def now(self) -> datetime | None:
        """The provider's own time; None when it does not show it."""
        ...

    async def runs_since(self, since: datetime) -> Sequence[Run]:
        """Every run that was accepted since a moment of the provider's clock."""
        ...
