"""Counts open connections, limits their number, and checks their timeouts every second."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from adreel.server.connections.limits import ConnectionLimits

_SPARE = 256
"""Connections over the limit that stay open while they are refused."""


class Connection(Protocol):
    def check_timeouts(self, now: float) -> None:
        """Ends the connection when it has exceeded a timeout. `now` on the event loop's clock."""
        ...


class Gate:
    """Counts the connections of one server, on one event loop. `proxies` are addresses shared by many clients."""

    def __init__(self, limits: ConnectionLimits, proxies: Collection[str] = ()) -> None:
        self.limits = limits
        self._proxies = frozenset(proxies)
        self._open: dict[Connection, str] = {}
        self._by_address: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    @property
    def is_overrun(self) -> bool:
        """True when new connections must be aborted without an answer."""
        return len(self._open) >= self.limits.connections + _SPARE

    def enter(self, connection: Connection, address: str) -> bool:
        """Counts the connection until it leaves. Returns False when it is over a limit and must be refused."""
        is_free = len(self._open) < self.limits.connections and not self._is_crowded(address)
        self._open[connection] = address
        self._by_address[address] += 1
        if self._timer is None:
            self._schedule_check()
        return is_free

    def leave(self, connection: Connection) -> None:
        address = self._open.pop(connection, None)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _is_crowded(self, address: str) -> bool:
        most = self.limits.per_address
        return bool(most) and self._by_address[address] >= most and not self._is_shared(address)

    def _is_shared(self, address: str) -> bool:
        if address in self._proxies:
            return True
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            return True

    def _schedule_check(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.limits.check_seconds, self._check)

    def _check(self) -> None:
        """Checks all connections with one timer, so that requests need none of their own."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._open):
            connection.check_timeouts(now)
        if self._open:
            self._schedule_check()
