"""What every call passes before it has an effect: the record of calls, the token, the limits, faults."""

from __future__ import annotations

import asyncio
from typing import cast

from starlette.requests import Request

from adreel.testing.replicate.faults import Call, FaultOrder
from adreel.testing.replicate.problems import BrokenConnection, Problem
from adreel.testing.replicate.world import World


class Allowance:
    """Calls per minute, on the stand-in's clock, with so many at once."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, kind: str, per_minute: int, burst: int, now: float) -> float:
        """Spends one call and gives 0, or gives the seconds until the next is free."""
        left, since = self._left.get(kind, (float(burst), now))
        left = min(float(burst), left + (now - since) * per_minute / 60)
        allowed = left >= 1
        self._left[kind] = (left - 1 if allowed else left, now)
        return 0.0 if allowed else (1 - left) * 60 / per_minute

    def reset(self) -> None:
        self._left.clear()


def world_of(request: Request) -> World:
    """The state behind a request."""
    return cast("World", request.app.state.world)


async def admit(request: Request, call: Call) -> None:
    """Raises Problem or BrokenConnection when the call is not to have an effect."""
    world = world_of(request)
    note(request, call)
    slow = world.faults.take(call, "latency")
    if slow:
        await _dawdle(world, slow.seconds)
    strike(world.faults.take(call, "throttled", "unauthorized", "no_credit", "server_error", "drop"))
    _check_token(request, world)
    _check_rate(request, world, call)


async def _dawdle(world: World, seconds: float) -> None:
    """A slow call that was overtaken by a reset belongs to a time that is forgotten: it must not have an effect now."""
    resets = world.resets
    await asyncio.sleep(seconds)
    if world.resets != resets:
        raise BrokenConnection


def note(request: Request, call: Call) -> None:
    """Remembers a call for the control's list."""
    world = world_of(request)
    server = request.scope["server"]
    site = "outputs" if world.addresses.outputs.endswith(f":{server[1]}") else "api"
    facts = {"method": request.method, "path": request.url.path, "operation": call.operation, "site": site}
    given = {name: request.headers.get(name) for name in ("authorization", "cookie", "cancel-after", "prefer")}
    world.requests.append({**facts, **given, "at": world.clock.now()})


def lose_answer(request: Request, call: Call) -> None:
    """Raises when the call has had its effect but its answer is to be lost."""
    strike(world_of(request).faults.take(call, "server_error_accepted", "drop_accepted"))


def strike(fault: FaultOrder | None) -> None:
    """Raises what a call fault stands for; None is no fault."""
    match fault.fault if fault else None:
        case "throttled":
            raise throttled(fault.retry_after if fault else 0)
        case "unauthorized":
            raise Problem(401, "Unauthenticated", "You did not pass a valid authentication token")
        case "no_credit":
            raise Problem(402, "Insufficient credit", "You have insufficient credit to run this model.")
        case "server_error" | "server_error_accepted":
            raise Problem(503, "Service unavailable", "The service is not available right now.")
        case "drop" | "drop_accepted":
            raise BrokenConnection
        case _:
            return


def throttled(wait: int) -> Problem:
    return Problem(
        429, "Too Many Requests", f"Request was throttled. Your rate limit resets in ~{wait}s.", retry_after=wait
    )


def _check_token(request: Request, world: World) -> None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    known = world.rules.tokens is None or token in world.rules.tokens
    if kind != "Bearer" or not token or not known:
        raise Problem(401, "Unauthenticated", "You did not pass a valid authentication token")


def _check_rate(request: Request, world: World, call: Call) -> None:
    creates = call.operation == "create"
    per_minute = world.rules.creates_per_minute if creates else world.rules.others_per_minute
    allowance = cast("Allowance", request.app.state.allowance)
    burst = world.rules.burst if creates and world.rules.burst else per_minute
    wait = allowance.spend("create" if creates else "other", per_minute, burst, world.clock.now())
    if wait:
        raise throttled(max(1, round(wait)))
