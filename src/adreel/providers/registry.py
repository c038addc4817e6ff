"""The providers of hosted models, by name. Adding one takes its package and a line in `PROVIDERS` (docs/extending.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from adreel.domain.errors import InputError
from adreel.providers.replicate.provider import REPLICATE

if TYPE_CHECKING:
    from adreel.providers.common.provider import Provider

PROVIDERS: tuple[Provider, ...] = (REPLICATE,)
"""The first one is used unless another is named."""


def providers() -> Mapping[str, Provider]:
    """Every registered provider by its name, in order."""
    return {provider.name: provider for provider in PROVIDERS}


def provider(name: str) -> Provider:
    """Raises InputError for a name that is not registered.

    ``provider("example").video_model``
    """
    known = providers()
    if name not in known:
        raise InputError(f"no provider is called {name!r}; choose one of {', '.join(known)}")
    return known[name]


def usual_provider() -> Provider:
    """The one that is used unless another is named."""
    return PROVIDERS[0]
