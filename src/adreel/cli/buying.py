"""``adreel make`` with a hosted engine: prints the estimate, asks for confirmation, then buys."""

from __future__ import annotations

import asyncio
import logging
import sys

import typer

from adreel.agents.film_orders import Delivery
from adreel.cli.delivering import show
from adreel.cli.progress import progress_bar
from adreel.domain.errors import InputError
from adreel.media.process_tuning import tune_process
from adreel.studio.hosted_order import HostedOrder
from adreel.studio.hosted_plan import HostedPlan
from adreel.studio.studio import Studio

REPORTED = ("adreel.providers.planning.scene_director", "adreel.agents.prompt_parser")
"""Loggers that are silenced: a fallback from the language model is reported with the film."""


def buy(order: HostedOrder, yes: bool, as_json: bool) -> None:
    """Estimates, buys and delivers a film. `yes` skips the confirmation. Exits with 1 when the user declines."""
    for name in REPORTED:
        logging.getLogger(name).setLevel(logging.ERROR)
    tune_process()
    plan = asyncio.run(Studio().estimate(order))
    for line in plan.lines:
        typer.echo(line, err=True)
    if plan.estimate.items and not yes:
        _ask(plan)
    try:
        delivery = asyncio.run(_bought(plan))
    except KeyboardInterrupt:
        typer.echo(
            "adreel: stopped; nothing more is bought, and the same command continues with what was bought", err=True
        )
        raise typer.Exit(130) from None
    show(delivery, as_json)


def _ask(plan: HostedPlan) -> None:
    """Asks for confirmation; exits with 1 when the answer is no. Raises InputError without a terminal."""
    if not sys.stdin.isatty():
        raise InputError(
            "without a terminal the purchase cannot be confirmed, so nothing was bought; use --yes to buy without confirmation"
        )
    if not typer.confirm(plan.estimate.question, default=False, err=True):
        typer.echo("adreel: nothing was bought", err=True)
        raise typer.Exit(1)


async def _bought(plan: HostedPlan) -> Delivery:
    with progress_bar() as sink:
        async with Studio() as studio:
            return await studio.buy(plan, sink)
