"""The orders of this process whose results are not taken yet: what cannot change of them is not read again."""

from __future__ import annotations

from adreel.domain.costs.ledger import PaidCall

_MOST = 10_000
"""Orders that are kept; older ones are read from the ledger."""


class FreshOrders:
    """Calls by their key. Their price and their provider's id stay valid; whether they are settled only the ledger says."""

    def __init__(self) -> None:
        self._calls: dict[str, PaidCall] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._calls

    def remember(self, call: PaidCall) -> PaidCall:
        if len(self._calls) >= _MOST:
            del self._calls[next(iter(self._calls))]
        self._calls[call.key] = call
        return call

    def get(self, key: str) -> PaidCall | None:
        return self._calls.get(key)

    def take(self, key: str) -> PaidCall | None:
        """Returns the call and forgets it."""
        return self._calls.pop(key, None)
