"""Spans about purchases: kind, provider, model, and cost in US dollars. Never the prompt."""

from __future__ import annotations

from contextlib import AbstractContextManager

from adreel.domain.costs.ledger import PaidCall
from adreel.domain.work.tracing import Span, SpanKind, span
from adreel.services.sessions.records import Settlement


def purchase_span(name: str, call: PaidCall) -> AbstractContextManager[Span]:
    """Records the block as a span about one purchase."""
    facts = {"kind": call.kind.value, "provider": call.provider, "model": call.model, "reserved": str(call.estimate)}
    known = {} if call.provider_id is None else {"provider_id": call.provider_id}
    return span(name, SpanKind.CLIENT, **facts, **known)


def noted(each: Span, settlement: Settlement) -> Settlement:
    """Adds to a span how a purchase ended; returns the settlement."""
    each.note(amount=str(settlement.amount), state=settlement.state.value)
    return settlement
