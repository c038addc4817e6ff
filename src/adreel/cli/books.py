"""``adreel reconcile``: the ledger held against what the provider ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.tables import table

if TYPE_CHECKING:
    from adreel.bootstrap.books import Books
    from adreel.domain.books import Entry
    from adreel.domain.ledger import PaidCall

_HEAD = ("", "RUN", "MODEL", "STATUS", "LEDGER", "AMOUNT", "NOTE")


def reconcile(
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 365, help="How far back to look.")] = 24.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """Hold the ledger against the provider's list of what it ran; exit 1 when they do not agree."""
    import asyncio
    import json
    from datetime import timedelta

    from adreel.bootstrap.books import reconcile as hold
    from adreel.settings import read_settings

    books = asyncio.run(hold(read_settings(), timedelta(hours=hours)))
    typer.echo(json.dumps(_facts(books), ensure_ascii=False) if as_json else _words(books))
    if not books.agree:
        raise typer.Exit(1)


def _words(books: Books) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in _counts(books).items() if count) or "nothing"
    parts = [f"Replicate and the ledger since {books.since:%Y-%m-%d %H:%M} UTC: {counts}", _swept(books)]
    if books.entries:
        parts += ["", table(_HEAD, [_row(entry) for entry in books.entries], right=frozenset({5}))]
        parts += ["", "Replicate tells no prices: amounts are held against what was estimated at the order."]
    return "\n".join(parts)


def _swept(books: Books) -> str:
    if books.swept is None:
        return "Open calls: another adreel is at work here and settles them; nothing was changed"
    if not books.swept:
        return "Open calls: none had to be settled"
    return "Open calls settled now: " + "; ".join(_settled(call) for call in books.swept)


def _settled(call: PaidCall) -> str:
    from adreel.domain.money import tidy

    return f"{call.key} {call.state} at ${tidy(call.amount)}" + (f" ({call.error})" if call.error else "")


def _counts(books: Books) -> dict[str, int]:
    from adreel.domain.books import Verdict

    return {verdict.value: sum(entry.verdict is verdict for entry in books.entries) for verdict in Verdict}


def _row(entry: Entry) -> tuple[str, ...]:
    from adreel.domain.money import tidy

    call, run = entry.call, entry.run
    number = run.id if run else (call.provider_id if call else None) or ""
    model = call.model if call else run.model if run else ""
    amount = f"${tidy(call.amount if call.state.is_settled else call.estimate)}" if call else ""
    return entry.verdict, number, model, run.status if run else "", call.state if call else "", amount, entry.note


def _facts(books: Books) -> dict[str, Any]:
    from adreel.domain.money import tidy

    def settled(call: PaidCall) -> dict[str, Any]:
        return {"key": call.key, "state": call.state, "amount": str(tidy(call.amount)), "reason": call.error}

    return {
        "provider": "replicate",
        "since": books.since.isoformat().replace("+00:00", "Z"),
        "agree": books.agree,
        "counts": _counts(books),
        "settled": None if books.swept is None else [settled(call) for call in books.swept],
        "entries": [_entry(entry) for entry in books.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    from adreel.domain.money import tidy

    call, run = entry.call, entry.run
    return {
        "verdict": entry.verdict,
        "run": run.id if run else call.provider_id if call else None,
        "model": call.model if call else run.model if run else None,
        "status": run.status if run else None,
        "key": call.key if call else None,
        "state": call.state if call else None,
        "estimate": str(tidy(call.estimate)) if call else None,
        "amount": str(tidy(call.amount)) if call else None,
        "note": entry.note or None,
    }
