"""``adreel reconcile``: the ledger held against what the providers ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.tables import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adreel.bootstrap.reconcile import ProviderReconciliation, Reconciliation
    from adreel.domain.costs.ledger import PaidCall
    from adreel.domain.costs.reconciliation import Entry

_HEAD = ("", "RUN", "MODEL", "STATUS", "LEDGER", "AMOUNT", "NOTE")


def reconcile(
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 365, help="How far back to look.")] = 24.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Hold the ledger against each provider's list of what it ran; exit 1 when they do not agree."""
    import asyncio
    import json
    from datetime import timedelta

    from adreel.bootstrap.reconcile import reconcile as hold
    from adreel.bootstrap.settings import read_settings

    found = asyncio.run(hold(read_settings(), timedelta(hours=hours)))
    typer.echo(json.dumps(_facts(found), ensure_ascii=False) if as_json else _words(found))
    if not found.agree:
        raise typer.Exit(1)


def _words(found: Reconciliation) -> str:
    parts = [*map(_summary, found.providers), _swept(found)]
    for each in found.providers:
        if each.entries:
            parts += ["", table(_HEAD, [_row(entry) for entry in each.entries], right=frozenset({5}))]
            parts += ["", f"{each.label} reports no prices: amounts are compared with the estimates of the orders."]
    return "\n".join(parts)


def _summary(found: ProviderReconciliation) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in _counts(found.entries).items() if count) or "nothing"
    return f"{found.label} and the ledger since {found.since:%Y-%m-%d %H:%M} UTC: {counts}"


def _swept(found: Reconciliation) -> str:
    if found.swept is None:
        return "Open calls: another adreel is at work here and settles them; nothing was changed"
    if not found.swept:
        return "Open calls: none had to be settled"
    return "Open calls settled now: " + "; ".join(_settled(call) for call in found.swept)


def _settled(call: PaidCall) -> str:
    from adreel.domain.costs.money import format_amount

    return f"{call.key} {call.state} at ${format_amount(call.amount)}" + (f" ({call.error})" if call.error else "")


def _counts(entries: Sequence[Entry]) -> dict[str, int]:
    from adreel.domain.costs.reconciliation import Verdict

    return {verdict.value: sum(entry.verdict is verdict for entry in entries) for verdict in Verdict}


def _row(entry: Entry) -> tuple[str, ...]:
    from adreel.domain.costs.money import format_amount

    call, run = entry.call, entry.run
    number = run.id if run else (call.provider_id if call else None) or ""
    model = call.model if call else run.model if run else ""
    amount = f"${format_amount(call.amount if call.state.is_settled else call.estimate)}" if call else ""
    return entry.verdict, number, model, run.status if run else "", call.state if call else "", amount, entry.note


def _facts(found: Reconciliation) -> dict[str, Any]:
    from adreel.domain.costs.money import format_amount

    def settled(call: PaidCall) -> dict[str, Any]:
        return {"key": call.key, "state": call.state, "amount": format_amount(call.amount), "reason": call.error}

    parts = [_part(each) for each in found.providers]
    return {
        # With one account, its name and time stand here, as they did before there could be several.
        "provider": parts[0]["provider"] if len(parts) == 1 else None,
        "since": parts[0]["since"] if len(parts) == 1 else None,
        "agree": found.agree,
        "counts": _counts(found.entries),
        "settled": None if found.swept is None else [settled(call) for call in found.swept],
        "entries": [{**_entry(entry), "provider": each.provider} for each in found.providers for entry in each.entries],
        "providers": parts,
    }


def _part(found: ProviderReconciliation) -> dict[str, Any]:
    return {
        "provider": found.provider,
        "since": found.since.isoformat().replace("+00:00", "Z"),
        "agree": found.agree,
        "counts": _counts(found.entries),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    from adreel.domain.costs.money import format_amount

    call, run = entry.call, entry.run
    return {
        "verdict": entry.verdict,
        "run": run.id if run else call.provider_id if call else None,
        "model": call.model if call else run.model if run else None,
        "status": run.status if run else None,
        "key": call.key if call else None,
        "state": call.state if call else None,
        "estimate": format_amount(call.estimate) if call else None,
        "amount": format_amount(call.amount) if call else None,
        "note": entry.note or None,
    }
