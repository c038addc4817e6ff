"""A provider of hosted models as the registry lists it. Imports nothing heavy: the command line builds its help from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from adreel.providers.common.connection import Engines, History, ProviderConfig
    from adreel.providers.common.webhooks import WebhookReader


@dataclass(frozen=True, slots=True)
class StandIn:
    """A program that stands in for a provider on this machine: a module, the ports of its API and outputs, its API's path."""

    module: str
    port: int
    output_port: int
    path: str

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of hosted models.

    `name` is written in the catalogue, the ledger, settings and addresses; `label` is for people. `open` gives the engines of an
    account, `open_history` its runs, `webhooks` the reader of its webhooks (None when it sends none). `video_model` and
    `image_model` are bought from unless another one is named. `retired_texts` are language models that the catalogue has no more,
    whose orders are still settled. `stand_in` can be tried without an account.

        EXAMPLE = Provider("example", "Example", open_engines, open_history, video_model="example-i2v")
    """

    name: str
    label: str
    open: Callable[[ProviderConfig], AbstractAsyncContextManager[Engines]]
    open_history: Callable[[ProviderConfig], AbstractAsyncContextManager[History]]
    webhooks: Callable[[ProviderConfig], WebhookReader] | None = None
    video_model: str | None = None
    image_model: str | None = None
    retired_texts: frozenset[str] = frozenset()
    stand_in: StandIn | None = None
