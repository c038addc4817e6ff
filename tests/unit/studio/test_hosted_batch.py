"""The budget of a batch with bought clips: what is refused, and what a run knows of those before it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adreel.agents.film_orders import MakeOrder
from adreel.domain.errors import BudgetError, InputError, NotFoundError
from adreel.placements.loader import load_placements
from adreel.studio.hosted_batch import PURCHASES, BatchEngine, HostedBatch, HostedStudio, StillMaker
from adreel.studio.hosted_order import HostedOrder


@dataclass(frozen=True)
class Plan:
    session_id: str
    estimate: Any
    budget: Decimal = Decimal(0)


@dataclass
class Sessions:
    """Stands for a studio whose films cost a dollar each, once for each photo. `fails`: buying ends in an error after paying."""

    paid: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    budgets: list[Decimal] = field(default_factory=list[Decimal])
    fails: bool = False

    async def estimate(self, order: HostedOrder) -> Plan:
        name = order.photos[0].name
        return Plan(name, SimpleNamespace(total=Decimal(0 if name in self.paid else 1)))

    async def buy(self, plan: Plan) -> str:
        await asyncio.sleep(0)
        if plan.estimate.total:
            assert plan.session_id not in self.paid
            self.paid[plan.session_id] = Decimal(1)
        self.budgets.append(plan.budget)
        if self.fails:
            raise OSError("killed")
        return plan.session_id

    async def session(self, session_id: str) -> Any:
        if session_id not in self.paid:
            raise NotFoundError(session_id)
        return SimpleNamespace(session=SimpleNamespace(total_cost=self.paid[session_id], reserved=Decimal(0)))


def batch(studio: Sessions, out: Path, budget: str) -> HostedBatch:
    stills = cast("StillMaker", None)
    return HostedBatch(cast("HostedStudio", studio), stills, BatchEngine("replicate", None, Decimal(budget)), out)


def order(photo: str) -> MakeOrder:
    return MakeOrder((Path(photo),), Path("film.mp4"))


async def test_films_at_once_do_not_cost_more_than_the_budget(tmp_path: Path) -> None:
    studio = Sessions()
    maker = batch(studio, tmp_path, "2")
    made = await asyncio.gather(*(maker.make(order(name)) for name in "abc"), return_exceptions=True)
    assert [type(each) for each in made].count(BudgetError) == 1
    assert studio.paid == {"a": 1, "b": 1}
    assert "of the batch's budget of $2.00" in str(made[2])
    assert await maker.make(order("a")) == "a", "what was bought costs nothing"
    assert await maker.price(order("c")) == 1
    assert max(studio.budgets) == 1, "a session may spend what its film was to cost"


async def test_products_with_one_photo_share_what_is_bought(tmp_path: Path) -> None:
    studio = Sessions()
    maker = batch(studio, tmp_path, "1")
    await asyncio.gather(maker.make(order("a")), maker.make(order("a")))
    assert studio.paid == {"a": 1}


async def test_a_killed_run_counts_in_the_next(tmp_path: Path) -> None:
    studio = Sessions(fails=True)
    with pytest.raises(OSError, match="killed"):
        await batch(studio, tmp_path, "1").make(order("a"))
    with (tmp_path / PURCHASES).open("a") as file:
        file.write('\n{"sess')
    studio.fails = False
    later = batch(studio, tmp_path, "1.50")
    with pytest.raises(BudgetError, match=r"only \$0.50"):
        await later.make(order("b"))
    await batch(studio, tmp_path, "2").make(order("b"))
    assert studio.paid == {"a": 1, "b": 1}
    with pytest.raises(BudgetError):
        await batch(studio, tmp_path, "2.99").make(order("c"))


async def test_what_cannot_be_bought_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not possible"):
        batch(Sessions(), tmp_path, "-1")
    placed = MakeOrder((Path("a"),), Path("film.mp4"), placement=load_placements(None)["meta-feed"])
    with pytest.raises(InputError, match="for placements"):
        await batch(Sessions(), tmp_path, "1").make(placed)
