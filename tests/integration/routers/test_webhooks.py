"""What Replicate tells, over HTTP: signed by the stand-in, and taken by the service's own route."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adreel.billing.webhooks import Webhooks
from adreel.db.engine import Database
from adreel.domain.costs.ledger import CallState, Purchase, PurchaseKind
from adreel.domain.errors import UnavailableError
from adreel.providers.common.webhooks import WebhookSecret
from adreel.providers.replicate.webhooks import ReplicateWebhooks
from adreel.routers.common.options import AppOptions
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import Settlement
from adreel.testing.replicate.webhooks import sign
from support.api import Api, Backend, opened_api, with_services
from support.db import add_user

SECRET = "whsec_" + "a2V5" * 8
ROUTE = "/api/webhooks/replicate"
JOB = "abcdefghijklmnopqrstuvwxyz"


async def present() -> datetime:
    return datetime.now(UTC)


@dataclass
class Door:
    """The route, the ledger behind it, and whether a wakeup has come for `JOB`."""

    api: Api
    ledger: LedgerService
    rung: asyncio.Event

    async def tell(self, message: str = "msg_1", secret: str = SECRET, at: float | None = None, **facts: Any) -> Any:
        body = json.dumps({"id": JOB, "status": "succeeded", **facts}).encode()
        return await self.send(message, body, secret, at)

    async def send(self, message: str, body: bytes, secret: str = SECRET, at: float | None = None) -> Any:
        timestamp = str(int(time.time() if at is None else at))
        signed = {"webhook-id": message, "webhook-timestamp": timestamp}
        signed["webhook-signature"] = sign(secret, message, timestamp, body)
        return await self.api.http.post(ROUTE, content=body, headers=signed)


@pytest.fixture
async def door(backend: Backend) -> AsyncIterator[Door]:
    """People log in here; webhooks do not. One purchase is on its way."""
    user = await add_user(backend.database)
    session = await backend.services.sessions.create(user)
    ledger, bell = LedgerService(backend.database), Wakeups(backend.database)
    await ledger.reserve(Purchase("key", session.id, user, PurchaseKind.CLIP, "replicate", "wan", Decimal("0.10")))
    await ledger.posting("key")
    await ledger.submitted("key", JOB)

    async def unasked() -> str:
        raise AssertionError("the secret is known")

    hooks = Webhooks({"replicate": ReplicateWebhooks(WebhookSecret(unasked, SECRET).get, present)}, ledger, bell)
    with bell.listening(JOB) as rung:
        async with opened_api(with_services(backend, webhooks=hooks), AppOptions(auth_required=True)) as api:
            yield Door(api, ledger, rung)


async def test_a_webhook_wakes_the_waiting_job(door: Door) -> None:
    answer = await door.tell()
    assert (answer.status_code, answer.json()) == (200, {"status": "news"})
    assert door.rung.is_set()


async def test_the_same_webhook_counts_once(door: Door) -> None:
    await door.tell()
    door.rung.clear()
    answer = await door.tell()
    assert (answer.status_code, answer.json()) == (200, {"status": "duplicate"})
    assert not door.rung.is_set()
    assert (await door.tell("msg_2")).json() == {"status": "news"}


async def test_a_late_webhook_is_taken_and_changes_nothing(door: Door) -> None:
    await door.ledger.settle(Settlement("key", CallState.PAID, Decimal("0.10")))
    before = await door.ledger.get("key")
    answer = await door.tell(status="failed", output=None)
    assert (answer.status_code, answer.json()) == (200, {"status": "late"})
    assert not door.rung.is_set()
    assert await door.ledger.get("key") == before


async def test_what_a_webhook_says_is_not_believed(door: Door) -> None:
    """Only the id counts: what became of the job is asked of the provider."""
    before = await door.ledger.get("key")
    await door.tell(status="succeeded", output="https://elsewhere.example/clip.mp4")
    assert await door.ledger.get("key") == before


@pytest.mark.parametrize("seconds", [-301, 360])  # the one from the future ages on its way
async def test_one_that_is_too_old_or_early_is_refused(door: Door, seconds: int) -> None:
    answer = await door.tell(at=time.time() + seconds)
    assert answer.status_code == 401
    assert not door.rung.is_set()


async def test_a_forged_one_is_refused_and_does_not_spoil_the_genuine_one(door: Door) -> None:
    assert (await door.tell(secret="whsec_" + "eGVz" * 8)).status_code == 401
    assert (await door.api.http.post(ROUTE, json={"id": JOB})).status_code == 401
    assert not door.rung.is_set()
    assert (await door.tell()).json() == {"status": "news"}


async def test_an_unknown_one_is_not_found_and_may_come_again(door: Door) -> None:
    """It may overtake the answer to its own order."""
    assert (await door.tell("msg_9", id="unknown")).status_code == 404
    assert (await door.tell("msg_9", id="unknown")).status_code == 404


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"id": 5}', b'{"id": "../x"}', b"{}"])
async def test_a_signed_one_without_sense_is_refused(door: Door, body: bytes) -> None:
    assert (await door.send("msg_1", body)).status_code == 422


async def test_a_body_without_end_is_not_read(door: Door) -> None:
    assert (await door.send("msg_1", b"x" * (4 * 1024 * 1024 + 1))).status_code == 413
    assert (await door.tell("msg_2", input={"image": "x" * 3 * 1024 * 1024})).json() == {"status": "news"}


async def test_none_are_taken_where_none_are_asked_for(api: Api) -> None:
    answer = await api.http.post(ROUTE, json={"id": JOB})
    assert answer.status_code == 404
    assert "no webhooks" in answer.json()["detail"]


async def test_a_secret_that_cannot_be_had_is_asked_for_once_a_minute(backend: Backend) -> None:
    asked: list[float] = []
    now = [0.0]

    async def ask() -> str:
        asked.append(now[0])
        raise UnavailableError("Replicate cannot be reached; check the network and try again")

    secret = WebhookSecret(ask, clock=lambda: now[0])
    hooks = Webhooks({"replicate": ReplicateWebhooks(secret.get, present)}, LedgerService(backend.database), Wakeups())
    async with opened_api(with_services(backend, webhooks=hooks)) as api:
        for seconds in (0.0, 1.0, 59.0, 61.0):
            now[0] = seconds
            assert (await api.http.post(ROUTE, json={"id": JOB})).status_code == 502
    assert asked == [0.0, 61.0]


async def test_it_rings_in_every_process(pg_database: str) -> None:
    here, there = Database(pg_database), Database(pg_database)
    bells = Wakeups(here), Wakeups(there)
    for bell in bells:
        await bell.start()
    try:
        with bells[0].listening(JOB) as own, bells[1].listening(JOB) as other, bells[1].listening("another") as silent:
            # Every connection rings once when it begins: what came before may have been missed.
            async with asyncio.timeout(30):
                await asyncio.gather(own.wait(), other.wait(), silent.wait())
            for event in (own, other, silent):
                event.clear()
            await bells[0].notify(JOB)
            async with asyncio.timeout(30):
                await asyncio.gather(own.wait(), other.wait())
            assert not silent.is_set()
    finally:
        for bell in bells:
            await bell.close()
        await here.close()
        await there.close()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000 + b"]" * 100_000, b'{"id":' * 100_000, b'{"id": ' + b"[" * 500 + b"]" * 500 + b"}"]
)
async def test_json_that_is_nested_without_end_is_refused(door: Door, body: bytes) -> None:
    answer = await door.send("msg_deep", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert not door.rung.is_set()
