"""``adreel make`` with a hosted engine: says what it will cost, asks, then buys."""

from __future__ import annotations

import asyncio
import logging
import sys

import typer

from adreel.cli.delivering import show
from adreel.console import progress_bar
from adreel.domain.errors import InputError
from adreel.hosted.orders import HostedOrder
from adreel.hosted.plan import HostedPlan
from adreel.maker import Delivery
from adreel.studio import Studio


def buy(order: HostedOrder, yes: bool, as_json: bool) -> None:
    """The film, if the person wants it at its price."""
    # What planned instead of a language model is told at the end.
    logging.getLogger("adreel.providers.llm").setLevel(logging.ERROR)
    logging.getLogger("adreel.agents.prompt_parser").setLevel(logging.ERROR)
    plan = asyncio.run(Studio().estimate(order))
    for line in plan.lines:
        typer.echo(line, err=True)
    if plan.estimate.items and not yes:
        _ask(plan)
    try:
        delivery = asyncio.run(_bought(plan))
    except KeyboardInterrupt:
        typer.echo(
            "adreel: stopped; nothing more is bought, and the same command goes on with what was bought", err=True
        )
        raise typer.Exit(130) from None
    show(delivery, as_json)


def _ask(plan: HostedPlan) -> None:
    """Raises InputError where nobody can answer, and ends the command when the answer is no."""
    if not sys.stdin.isatty():
        raise InputError(
            "nobody can be asked without a terminal, so nothing was bought; say --yes to buy without asking"
        )
    if not typer.confirm(plan.estimate.question, default=False, err=True):
        typer.echo("adreel: nothing was bought", err=True)
        raise typer.Exit(1)


async def _bought(plan: HostedPlan) -> Delivery:
    with progress_bar() as sink:
        async with Studio() as studio:
            return await studio.buy(plan, sink)
