"""Hands events to all who listen within this process. Nobody who publishes ever waits for anybody who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from adreel.domain.errors import AdreelError
from adreel.domain.session import SessionEvent

QUEUE_SIZE = 512
"""Events that a listener may be behind before it is dropped."""


class SlowListener(AdreelError):  # noqa: N818 (names who it is about)
    """The listener was dropped. It may listen again, after the last event that it got."""

    http_status = 429
    retryable = True


class Listener:
    """One who listens to one session."""

    def __init__(self, session_id: str, size: int) -> None:
        self.session_id = session_id
        self._queue: asyncio.Queue[SessionEvent | None] = asyncio.Queue(size)
        self._overflowed = False

    def offer(self, event: SessionEvent | None) -> bool:
        """False when the listener is too far behind: it is to be forgotten."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overflowed = True
        return not self._overflowed

    async def next(self) -> SessionEvent | None:
        """The next event; None when the session has ended. Raises SlowListener once it was dropped."""
        if self._overflowed:
            raise SlowListener(f"events of session {self.session_id} came faster than they were read: listen again")
        return await self._queue.get()


class EventHub:
    """Listeners by session, and the number of the newest event that was published to them. For one event loop."""

    def __init__(self, queue_size: int = QUEUE_SIZE) -> None:
        self._queue_size = queue_size
        self._listeners: dict[str, set[Listener]] = {}
        self._newest: dict[str, int] = {}

    @property
    def newest(self) -> Mapping[str, int]:
        """Sessions that somebody listens to, with the number of their newest published event."""
        return self._newest

    def subscribe(self, session_id: str, newest: int) -> Listener:
        """A new listener, to be given back by `unsubscribe`. Events up to `newest` count as published."""
        listener = Listener(session_id, self._queue_size)
        self._listeners.setdefault(session_id, set()).add(listener)
        self._newest.setdefault(session_id, newest)
        return listener

    def unsubscribe(self, listener: Listener) -> None:
        others = self._listeners.get(listener.session_id, set())
        others.discard(listener)
        if not others:
            self._listeners.pop(listener.session_id, None)
            self._newest.pop(listener.session_id, None)

    def publish(self, event: SessionEvent) -> None:
        """Gives an event to all listeners of its session and drops those that do not read. Returns at once."""
        newest = self._newest.get(event.session_id)
        if newest is None:
            return
        self._newest[event.session_id] = max(newest, event.seq)
        self._offer(event.session_id, event)

    def end(self, session_id: str) -> None:
        """Tells all listeners of a session that nothing more will come."""
        self._offer(session_id, None)

    def end_all(self) -> None:
        for session_id in tuple(self._listeners):
            self.end(session_id)

    def _offer(self, session_id: str, event: SessionEvent | None) -> None:
        for listener in tuple(self._listeners.get(session_id, ())):
            if not listener.offer(event):
                self.unsubscribe(listener)
