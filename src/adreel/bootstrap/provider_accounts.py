"""The accounts at providers that the settings give."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from adreel.bootstrap.remedies import no_account
from adreel.bootstrap.settings import Settings
from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import Catalogue
from adreel.providers import registry
from adreel.providers.common.connection import Account
from adreel.providers.common.provider import Provider

_LOCAL = "local"


def account_of(settings: Settings, provider: Provider) -> Account | None:
    """None when no account is set up."""
    token = _given(settings, provider, "api_token")
    if token is None:
        return None
    base_url, per_minute = _given(settings, provider, "base_url"), _given(settings, provider, "creates_per_minute")
    return Account(
        token, base_url, None if per_minute is None else int(per_minute), _given(settings, provider, "webhook_secret")
    )


def accounts(settings: Settings) -> Mapping[Provider, Account]:
    """Every provider that can be used, with its account."""
    found = {provider: account_of(settings, provider) for provider in registry.providers().values()}
    return {provider: account for provider, account in found.items() if account is not None}


def providers_of(settings: Settings) -> frozenset[str]:
    """The providers whose models can be used with these settings."""
    return frozenset({_LOCAL, *(provider.name for provider in accounts(settings))})


def no_accounts() -> str:
    """What to do when there is no account at any provider."""
    return ", or ".join(map(no_account, registry.providers().values()))


def catalogue_of(settings: Settings) -> Catalogue:
    """The catalogue with the person's own models. Raises InputError for a file that cannot be used."""
    return load_catalogue(settings.models, (_LOCAL, *registry.providers()))


def _given(settings: Settings, provider: Provider, name: str) -> str | None:
    value: object = getattr(settings, f"{provider.name}_{name}", None)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return None if value is None else str(value)
