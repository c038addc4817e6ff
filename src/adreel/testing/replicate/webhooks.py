"""Sends signed webhooks of what has happened, to loopback addresses only."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import httpx

from adreel.testing.replicate.faults import Call
from adreel.testing.replicate.predictions import Prediction, stage

if TYPE_CHECKING:
    from adreel.testing.replicate.world import World

_TICK = 0.02
_TIMEOUT = 10.0
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of the header webhook-signature."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


async def deliver_forever(world: World) -> None:
    """Looks for news again and again; ends when it is cancelled."""
    running: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as http:
        while True:
            for prediction, event in _news(world):
                task = asyncio.create_task(_tell(world, http, prediction, event))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(_TICK)


def _news(world: World) -> list[tuple[Prediction, str]]:
    """Events that were not sent yet; from now on they count as sent."""
    found: list[tuple[Prediction, str]] = []
    for prediction in world.predictions.values():
        if prediction.webhook is None:
            continue
        at = stage(prediction, world.clock.now())
        reached = [event for event, is_so in (("start", at.started_at), ("completed", at.completed_at)) if is_so]
        for event in reached:
            key = f"{prediction.id} {event}"
            if event in prediction.webhook_events and key not in world.delivered:
                world.note_delivery(key)
                found.append((prediction, event))
    return found


async def _tell(world: World, http: httpx.AsyncClient, prediction: Prediction, event: str) -> None:
    call = Call("webhook", prediction.model, prediction.seed)
    message: dict[str, Any] = {"prediction": prediction.id, "event": event, "id": f"msg_{prediction.id}_{event}"}
    if httpx.URL(prediction.webhook or "").host not in _LOOPBACK:
        world.deliveries.append({**message, "result": "refused: not a loopback address"})
        return
    if world.faults.take(call, "webhook_lost"):
        world.deliveries.append({**message, "result": "lost"})
        return
    times = 2 if world.faults.take(call, "webhook_duplicate") else 1
    for _ in range(times):
        result = await _post(world, http, prediction, message["id"])
        world.deliveries.append({**message, "at": world.clock.now(), "result": result})


async def _post(world: World, http: httpx.AsyncClient, prediction: Prediction, message_id: str) -> str:
    body = json.dumps(world.view(prediction)).encode()
    timestamp = str(int(world.clock.shown(world.clock.now())))
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(world.webhook_secret, message_id, timestamp, body),
    }
    try:
        answer = await http.post(prediction.webhook or "", content=body, headers=headers)
    except httpx.HTTPError as error:
        return f"failed: {type(error).__name__}"
    return str(answer.status_code)
