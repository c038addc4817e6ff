"""The stand-in's own endpoints, under /_control: faults, the bill, the clock and what was called. No token is needed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request

from adreel.testing.replicate.admission import Allowance, world_of
from adreel.testing.replicate.faults import FaultOrder

Json = dict[str, Any]

router = APIRouter(prefix="/_control")


class ClockChange(BaseModel, extra="forbid"):
    """`advance` jumps ahead by seconds, `speed` is seconds per real second from then on.

    `skew` is by how many seconds all times that are shown differ from real ones: in predictions, in the header Date, in webhooks.
    """

    advance: float = Field(default=0.0, ge=0)
    speed: float | None = Field(default=None, gt=0)
    skew: float | None = Field(default=None, allow_inf_nan=False)


class RuleChange(BaseModel, extra="forbid"):
    """Omitted fields stay unchanged. `tokens` empty accepts any; `texts` are the next answers of language models;
    `alike` makes all films the same; `list_lag` keeps new predictions out of the list for so many seconds;
    `log_steps` are the steps that logs count, 0 for models that write no log.
    """

    starting: float | None = Field(default=None, ge=0)
    processing: float | None = Field(default=None, ge=0)
    creates_per_minute: int | None = Field(default=None, ge=1)
    others_per_minute: int | None = Field(default=None, ge=1)
    burst: int | None = Field(default=None, ge=1)
    page_size: int | None = Field(default=None, ge=1)
    tokens: list[str] | None = None
    texts: list[str] | None = None
    alike: bool | None = None
    list_lag: float | None = Field(default=None, ge=0)
    log_steps: int | None = Field(default=None, ge=0)
    plans: bool | None = None


@router.get("")
async def overview(request: Request) -> Json:
    """Where everything is."""
    world = world_of(request)
    addresses = {"api": world.addresses.api, "outputs": world.addresses.outputs}
    return {**addresses, "webhook_secret": world.webhook_secret, "now": world.clock.now(), "speed": world.clock.speed}


@router.post("/faults", status_code=201)
async def add_fault(request: Request, order: FaultOrder) -> Json:
    world_of(request).faults.add(order)
    return order.model_dump()


@router.get("/faults")
async def waiting_faults(request: Request) -> list[Json]:
    return [fault.model_dump() for fault in world_of(request).faults.waiting]


@router.delete("/faults")
async def clear_faults(request: Request) -> list[Json]:
    world_of(request).faults.clear()
    return []


@router.get("/billing")
async def billing(request: Request) -> Json:
    """Everything that was accepted, oldest first, with its price and what was charged so far."""
    world = world_of(request)
    entries = [world.bill(prediction) for prediction in world.predictions.values()]
    total = sum((Decimal(entry["charged"]) for entry in entries), Decimal(0))
    return {"total": str(total), "count": len(entries), "entries": entries}


@router.get("/requests")
async def requests(request: Request) -> list[Json]:
    """Every call so far, with the headers that matter."""
    return world_of(request).requests


@router.get("/webhooks")
async def webhooks(request: Request) -> list[Json]:
    """Every delivery so far and its result."""
    return world_of(request).deliveries


@router.post("/clock")
async def change_clock(request: Request, change: ClockChange) -> Json:
    world = world_of(request)
    world.change_clock(change.speed, change.advance, change.skew)
    return {"now": world.clock.now(), "speed": world.clock.speed, "skew": world.clock.skew}


@router.post("/rules")
async def change_rules(request: Request, change: RuleChange) -> Json:
    world = world_of(request)
    for name in change.model_fields_set:
        setattr(world.rules, name, getattr(change, name))
    world.rules.tokens = world.rules.tokens or None
    cast("Allowance", request.app.state.allowance).reset()
    return {name: getattr(world.rules, name) for name in RuleChange.model_fields}


@router.post("/reset")
async def reset(request: Request) -> Json:
    """Forgets what was ordered, sent and set; the clock shows real time again."""
    world_of(request).reset()
    cast("Allowance", request.app.state.allowance).reset()
    return {}


@router.put("/models/{owner}/{name}")
async def learn_model(request: Request, owner: str, name: str, table: Json) -> Json:
    """Adds or replaces a model, written as in models.toml."""
    world = world_of(request)
    world.learn(f"{owner}/{name}", table)
    return world.models[f"{owner}/{name}"].describe()


@router.delete("/models/{owner}/{name}")
async def forget_model(request: Request, owner: str, name: str) -> Json:
    """Takes a model away, as a provider does."""
    world_of(request).models.pop(f"{owner}/{name}", None)
    return {}
