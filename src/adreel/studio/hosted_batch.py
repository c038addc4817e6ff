"""The films of a batch with bought clips: each through the estimate and the purchases of a hosted film, within one budget."""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.agents.output import Existing
from adreel.domain.errors import BudgetError, InputError, NotFoundError
from adreel.domain.sessions.session import SessionView
from adreel.studio.hosted_order import HostedOrder
from adreel.studio.hosted_plan import HostedPlan

PURCHASES = "purchases.jsonl"
"""Sessions in which films of the batch were bought, one a line, written before anything is bought in them."""

_NO_LIMIT = Decimal(1_000_000)


class HostedStudio(Protocol):
    """What a batch needs of `adreel.studio.studio.Studio`, which is open."""

    async def estimate(self, order: HostedOrder) -> HostedPlan: ...

    async def buy(self, plan: HostedPlan) -> Delivery: ...

    async def session(self, session_id: str) -> SessionView: ...


class StillMaker(Protocol):
    """Draws the stills of a dry run, which cost nothing."""

    async def sample(self, order: MakeOrder) -> bytes: ...


@dataclass(frozen=True, slots=True)
class BatchEngine:
    """A hosted engine: its provider, a model of it (None for the usual one), and the most that the batch may cost in all, in US
    dollars, over all of its runs."""

    provider: str
    model: str | None
    budget: Decimal

    def __post_init__(self) -> None:
        if self.budget < 0:
            raise InputError(f"a budget of ${self.budget} is not possible: give 0 or more")

    @property
    def name(self) -> str:
        """What films of it are known by: those of another engine are other films."""
        return f"{self.provider}/{self.model or ''}"


@dataclass(slots=True)
class HostedBatch:
    """A maker of films (`adreel.feeds.batches.running.Maker`). A film is refused before it is bought when it would cost more than
    what is left of the budget. After a kill, the sessions in `purchases.jsonl` say what is gone."""

    studio: HostedStudio
    stills: StillMaker
    engine: BatchEngine
    out: Path
    _committed: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    _sessions: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _deciding: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_read: bool = False

    async def make(self, order: MakeOrder) -> Delivery:
        """Buys and makes a film. Raises BudgetError before anything is bought for it, and as `Studio.buy` does."""
        plan = await self._planned(order)
        # Products with the same photos share a session, in which one film is made at a time.
        async with self._sessions[plan.session_id]:
            plan = await self._admitted(await self._planned(order))
            try:
                return await self.studio.buy(plan)
            finally:
                self._committed[plan.session_id] = await self._used(plan.session_id)

    async def sample(self, order: MakeOrder) -> bytes:
        """A still as the local engine draws it: the clips do not exist yet."""
        return await self.stills.sample(order)

    async def price(self, order: MakeOrder) -> Decimal:
        """What a film would cost beside what was bought for it before, in US dollars. Buys nothing."""
        return (await self._planned(order)).estimate.total

    async def _planned(self, order: MakeOrder) -> HostedPlan:
        if order.placement is not None:
            raise InputError("films for placements are made by the local engine only: leave out the placements")
        return await self.studio.estimate(
            HostedOrder(
                order.photos,
                order.out,
                order.prompt,
                order.clip_seconds,
                order.film,
                model=self.engine.model,
                budget=_NO_LIMIT,
                provider=self.engine.provider,
                existing=Existing.REPLACE,
                script=order.script,
            )
        )

    async def _admitted(self, plan: HostedPlan) -> HostedPlan:
        """The plan with what is left as its budget, which the ledger keeps. Raises BudgetError."""
        async with self._deciding:
            await self._read()
            others = sum((used for name, used in self._committed.items() if name != plan.session_id), Decimal(0))
            own = await self._used(plan.session_id)
            needed, left = plan.estimate.total, max(self.engine.budget - others - own, Decimal(0))
            if needed > left:
                raise BudgetError("batch", needed, left, self.engine.budget)
            if needed:
                await asyncio.to_thread(self._note, plan.session_id)
            self._committed[plan.session_id] = own + needed
        return replace(plan, budget=own + needed)

    async def _read(self) -> None:
        """Asks once what the sessions of earlier runs have cost."""
        if not self._is_read:
            for session_id in await asyncio.to_thread(self._noted):
                self._committed[session_id] = await self._used(session_id)
            self._is_read = True

    async def _used(self, session_id: str) -> Decimal:
        """What was spent in a session or may still be, in US dollars."""
        try:
            session = (await self.studio.session(session_id)).session
        except NotFoundError:
            return Decimal(0)
        return session.total_cost + session.reserved

    def _noted(self) -> list[str]:
        path = self.out / PURCHASES
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        found: dict[str, None] = {}
        for line in lines:
            try:
                found[str(json.loads(line)["session"])] = None
            except (ValueError, KeyError, TypeError):
                # A kill cut the line off: nothing was bought in its session.
                continue
        return list(found)

    def _note(self, session_id: str) -> None:
        if session_id in self._committed:
            return
        with (self.out / PURCHASES).open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps({'session': session_id})}")
            file.flush()
            os.fsync(file.fileno())
