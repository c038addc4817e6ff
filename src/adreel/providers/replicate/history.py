"""What an account has run, for holding the ledger against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from adreel.catalogue.models import VideoModel
from adreel.domain.books import Run
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.mapping import marked_seed, seed_of
from adreel.providers.replicate.predictions import Json


async def runs_since(client: ReplicateClient, since: datetime, models: Mapping[str, VideoModel]) -> list[Run]:
    """All predictions that were accepted since a moment, newest first. `models` say in which fields seeds are.

    Raises UnavailableError for more than a hundred pages: then ask from a later moment on.
    """
    return [
        Run(each.id, each.model, each.status, each.created_at, _marker(each.input, models))
        async for each in client.list_predictions(since)
    ]


def _marker(given: Json, models: Mapping[str, VideoModel]) -> int | None:
    """The mark of an order of any kind: white space in a text, else a seed."""
    marks = (marked_seed(value) for value in given.values() if isinstance(value, str))
    return next((mark for mark in marks if mark is not None), None) or seed_of(given, models)
