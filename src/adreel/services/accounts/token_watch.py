"""Ends connections soon after their login or API key has ended: by logout, revocation, expiry, deletion, or an account that
is disabled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from adreel.db.engine import Database
from adreel.db.tables import TokenRow, UserRow
from adreel.domain.errors import StorageError
from adreel.domain.ids import Clock, utc_now
from adreel.services.batches import batches

POLL_SECONDS = 1.0
"""How long a connection may outlive a token that another process, or the clock, has ended."""

_BATCH = 500
_log = logging.getLogger(__name__)


class TokenWatch:
    """For one event loop. Each poll is one query for all watched tokens; no polls while none is watched."""

    def __init__(self, database: Database, clock: Clock = utc_now, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._watched: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watching(self, token_id: str | None) -> Generator[asyncio.Event]:
        """Within the block the event is set once the token has ended. None, for installations without logins, never ends."""
        event = asyncio.Event()
        if token_id is None:
            yield event
            return
        self._watched.setdefault(token_id, set()).add(event)
        try:
            yield event
        finally:
            others = self._watched.get(token_id, set())
            others.discard(event)
            if not others:
                self._watched.pop(token_id, None)

    def end(self, token_ids: Collection[str]) -> None:
        """Sets the events of tokens that this process has ended."""
        for token_id in token_ids:
            for event in self._watched.get(token_id, ()):
                event.set()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Polls for tokens that have ended, for the length of the block."""
        stopped = asyncio.Event()
        polling = asyncio.create_task(self._poll(stopped))
        try:
            yield
        finally:
            stopped.set()
            await polling

    async def _poll(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await stopped.wait()
            try:
                for batch in batches(self._watched, _BATCH):
                    self.end(set(batch) - await self._valid(batch))
            except (StorageError, SQLAlchemyError) as error:
                _log.warning("cannot poll for ended logins, trying again: %s", error)

    async def _valid(self, token_ids: Collection[str]) -> set[str]:
        is_valid = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > self._clock())
        async with self._database.reading() as tx:
            query = select(TokenRow.id).join(UserRow, UserRow.id == TokenRow.user_id)
            enabled = UserRow.disabled_at.is_(None)
            return set(await tx.scalars(query.where(TokenRow.id.in_(token_ids), is_valid, enabled)))
