"""Replicate in the registry. Its adapter is imported when it is opened: the command line starts without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adreel.providers.common.provider import Provider, StandIn

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from adreel.providers.common.connection import Engines, History, ProviderConfig
    from adreel.providers.common.webhooks import WebhookReader


def _open(config: ProviderConfig) -> AbstractAsyncContextManager[Engines]:
    from adreel.providers.replicate.opening import open_engines

    return open_engines(config)


def _open_history(config: ProviderConfig) -> AbstractAsyncContextManager[History]:
    from adreel.providers.replicate.opening import open_history

    return open_history(config)


def _webhooks(config: ProviderConfig) -> WebhookReader:
    from adreel.providers.replicate.opening import webhook_reader

    return webhook_reader(config)


REPLICATE = Provider(
    name="replicate",
    label="Replicate",
    open=_open,
    open_history=_open_history,
    webhooks=_webhooks,
    video_model="wan-2.2-i2v-fast",  # the cheapest of the catalogue for a clip of usual length at 720p and up
    image_model="flux-pro",
    retired_texts=frozenset({"llama-3.1-405b"}),
    stand_in=StandIn("adreel.testing.replicate", 8900, 8901, "/v1"),
)
