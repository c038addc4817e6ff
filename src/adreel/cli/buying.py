"""``adreel make`` with a hosted engine: prints the estimate, asks for confirmation, then buys."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

import typer

from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.cli.delivering import show_all
from adreel.cli.locales import Version
from adreel.cli.progress import progress_bar
from adreel.cli.voicing import Payment, Voicing
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.film_options import SILENT
from adreel.domain.films.speech import HostedVoice
from adreel.media.process_tuning import tune_process
from adreel.studio.hosted_order import HostedOrder
from adreel.studio.hosted_plan import HostedPlan
from adreel.studio.scripted_order import check_scripted
from adreel.studio.spoken_lines import BoughtLines, LinesPlan, spoken_texts
from adreel.studio.studio import Studio

REPORTED = ("adreel.providers.planning.scene_director", "adreel.agents.prompt_parser")
"""Loggers that are silenced: a fallback from the language model is reported with the film."""


def buy(order: HostedOrder, versions: Sequence[Version], voicing: Voicing, yes: bool, as_json: bool) -> None:
    """Estimates, buys and delivers the films of an order in all languages, from the same clips. `yes` skips the confirmation.
    Exits with 1 when the user declines."""
    for name in REPORTED:
        logging.getLogger(name).setLevel(logging.ERROR)
    tune_process()
    orders = [replace(order, script=version.ad, out=version.out(order.out)) for version in versions]
    if voicing.hosted is not None:
        orders, _ = with_bought_lines(Studio(), orders, versions, voicing.hosted, Payment(order.budget, yes))
    plans = asyncio.run(Studio().estimate_all(orders))
    for line in plans[0].lines:
        typer.echo(line, err=True)
    if plans[0].estimate.items and not yes:
        _ask(plans[0].estimate.question)
    try:
        deliveries = asyncio.run(_bought(plans))
    except KeyboardInterrupt:
        typer.echo(
            "adreel: stopped; nothing more is bought, and the same command continues with what was bought", err=True
        )
        raise typer.Exit(130) from None
    show_all(deliveries, as_json)


async def _bought(plans: Sequence[HostedPlan]) -> list[Delivery]:
    deliveries: list[Delivery] = []
    async with Studio() as studio:
        for plan in plans:
            with progress_bar() as sink:
                deliveries.append(await studio.buy(plan, sink))
    return deliveries


Spoken = TypeVar("Spoken", MakeOrder, HostedOrder)


def with_bought_lines(
    studio: Studio, orders: Sequence[Spoken], versions: Sequence[Version], voice: HostedVoice, payment: Payment
) -> tuple[list[Spoken], list[Decimal]]:
    """Buys the lines of films, each with the version of the script that it says; returns the orders with their speakers, and what
    was paid for each now. Everything that can be checked before is."""
    asked = [
        (replace(voice, language=version.language), spoken_texts(version.ad))
        for version in versions
        if version.ad is not None
    ]
    plan = asyncio.run(studio.estimate_lines(asked, payment.budget))
    clips = Decimal(0)
    for order, speaker in zip(orders, plan.voices, strict=True):
        checked = replace(order, speaker=speaker)
        if isinstance(checked, MakeOrder):
            asyncio.run(studio.check_order(checked))
        else:
            clips = max(clips, asyncio.run(_price_of_clips(studio, checked, plan)))
    if clips:
        typer.echo(f"clips cost about ${format_amount(clips)} more, exactly known when the lines are there", err=True)
    bought = buy_lines(studio, plan, payment.is_confirmed)
    speaking = zip(orders, bought.voices, bought.calls, strict=True)
    ordered = [replace(order, speaker=speaker, bought=calls) for order, speaker, calls in speaking]
    return ordered, [bought.cost_now(place) for place in range(len(ordered))]


async def _price_of_clips(studio: Studio, order: HostedOrder, lines: LinesPlan) -> Decimal:
    """About what the clips cost: known before the lines, within the same budget. Raises AdreelError for a film that cannot be
    made."""
    check_scripted(order)
    left = lines.budget - lines.spent - lines.total
    film = replace(order.film, voice=SILENT, captions=Captions.OFF)
    silent = replace(order, film=film, budget=max(left, Decimal(0)))
    return (await studio.estimate(silent)).estimate.total


def buy_lines(studio: Studio, plan: LinesPlan, yes: bool) -> BoughtLines:
    """Prints the estimate of spoken lines and buys them. `yes` skips the confirmation. Exits with 1 when the user declines."""
    for line in plan.lines:
        typer.echo(line, err=True)
    if plan.absent and not yes:
        _ask(plan.question)

    async def bought() -> BoughtLines:
        async with studio:
            return await studio.buy_lines(plan)

    try:
        return asyncio.run(bought())
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; the same command continues with the lines that were bought", err=True)
        raise typer.Exit(130) from None


def _ask(question: str) -> None:
    """Asks for confirmation; exits with 1 when the answer is no. Raises InputError without a terminal."""
    if not sys.stdin.isatty():
        raise InputError(
            "without a terminal the purchase cannot be confirmed, so nothing was bought; use --yes to buy without confirmation"
        )
    if not typer.confirm(question, default=False, err=True):
        typer.echo("adreel: nothing was bought", err=True)
        raise typer.Exit(1)
