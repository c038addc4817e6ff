"""What a film cost: each paid call, as a receipt. Amounts are decimal strings in US dollars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.costs.money import format_amount

_PAID = (CallState.PAID, CallState.LOST)


def receipt(calls: Sequence[PaidCall]) -> dict[str, Any]:
    """The paid calls of a session, oldest first, and their sum. A call whose result was lost was paid all the same."""
    paid = [call for call in calls if call.state in _PAID]
    total = sum((call.amount for call in paid), Decimal(0))
    return {"currency": "USD", "total": format_amount(total), "calls": [_line(call) for call in paid]}


def _line(call: PaidCall) -> dict[str, Any]:
    return {
        "id": call.provider_id,
        "kind": call.kind.value,
        "provider": call.provider,
        "model": call.model,
        "amount": format_amount(call.amount),
        "ordered_at": call.created_at.isoformat(timespec="seconds"),
        "result": "kept" if call.state is CallState.PAID else "lost",
    }
