"""Webhooks to users: over HTTP, to a receiver that checks them by the text of the scheme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from adreel.db.engine import Database
from adreel.domain.accounts.user import User
from adreel.domain.accounts.webhooks import PAUSES, NewEndpoint
from adreel.domain.errors import ConflictError, InputError, NotFoundError
from adreel.domain.sessions.stage import Action
from adreel.services.accounts.passwords import Passwords
from adreel.services.accounts.service import AuthService
from adreel.services.sessions.service import SessionService
from adreel.services.webhooks.posting import WebhookPoster
from adreel.services.webhooks.sender import CLAIM, WebhookSender
from adreel.services.webhooks.service import MAX_ENDPOINTS, WebhookService
from support.api import public_address
from support.webhook_receiver import Receiver, receiving


class Time:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def timestamp(self) -> float:
        return self.now.timestamp()

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Place:
    database: Database
    time: Time
    user: User
    sessions: SessionService
    receiver: Receiver

    @property
    def poster(self) -> WebhookPoster:
        return WebhookPoster([self.receiver.host])

    @property
    def webhooks(self) -> WebhookService:
        return WebhookService(self.database, self.poster, self.time)

    def sender(self) -> WebhookSender:
        """That of a process which has just begun."""
        return WebhookSender(self.database, self.poster, self.time)

    async def registered(self) -> NewEndpoint:
        made = await self.webhooks.add(self.user.id, self.receiver.url)
        self.receiver.secret = made.secret
        return made

    async def fail_a_job(self) -> str:
        session = await self.sessions.create(self.user.id)
        await self.sessions.begin(self.user.id, session.id, Action.GENERATE_IMAGES, f"{session.id}-job", {})
        await self.sessions.fail(f"{session.id}-job", "no credit is left")
        return session.id


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
async def place(database: Database, receiver: Receiver) -> Place:
    time = Time()
    receiver.now = time.timestamp
    auth = AuthService(database, Passwords(time_cost=1, memory_kib=64), clock=time)
    user = await auth.register("ada@example.com", "correct horse battery")
    return Place(database, time, user, SessionService(database, time), receiver)


async def test_the_end_of_a_job_is_sent_signed(place: Place) -> None:
    endpoint = await place.registered()
    session_id = await place.fail_a_job()
    assert await place.sender().sweep() == 1
    [message] = place.receiver.accepted
    assert (message["type"], message["timestamp"]) == ("job.failed", "2026-11-30T12:00:00Z")
    assert message["data"] == {
        "id": f"{session_id}-job",
        "session_id": session_id,
        "action": "generate images",
        "state": "failed",
        "progress": 0.0,
        "made": [],
        "failures": [],
        "error": "no credit is left",
    }
    assert place.receiver.requests[0]["content-type"] == "application/json"
    [delivery] = await place.webhooks.deliveries(place.user.id, endpoint.endpoint.id)
    assert (delivery.attempts, delivery.status, delivery.error, delivery.next_at) == (1, 204, None, None)
    assert await place.sender().sweep() == 0


async def test_a_failed_attempt_is_repeated_by_whichever_process_runs_then(place: Place) -> None:
    await place.registered()
    await place.fail_a_job()
    place.receiver.answers = [500, 302]
    assert await place.sender().sweep() == 1
    assert await place.sender().sweep() == 0
    for pause in PAUSES[:2]:
        place.time.passes(pause)
        assert await place.sender().sweep() == 1
    assert len(place.receiver.accepted) == 1
    assert place.receiver.refused == []
    assert len({request["webhook-id"] for request in place.receiver.requests}) == 1
    assert len({request["webhook-timestamp"] for request in place.receiver.requests}) == 3


async def test_a_process_that_dies_while_it_sends_loses_nothing(place: Place) -> None:
    await place.registered()
    await place.fail_a_job()
    assert len(await place.sender()._claim()) == 1  # pyright: ignore[reportPrivateUsage] (dies after this)
    assert await place.sender().sweep() == 0
    place.time.passes(CLAIM)
    assert await place.sender().sweep() == 1
    assert len(place.receiver.accepted) == 1


async def test_a_recorded_webhook_is_of_no_use_later(place: Place) -> None:
    await place.registered()
    await place.fail_a_job()
    await place.sender().sweep()
    recorded = place.receiver.requests[0]
    place.time.passes(timedelta(minutes=6))
    assert place.receiver.take(recorded, b"") == 401


async def test_it_is_given_up_after_the_last_pause(place: Place) -> None:
    endpoint = await place.registered()
    await place.fail_a_job()
    place.receiver.answers = [503] * 20
    for pause in (timedelta(0), *PAUSES):
        place.time.passes(pause)
        assert await place.sender().sweep() == 1
    place.time.passes(timedelta(days=2))
    assert await place.sender().sweep() == 0
    [delivery] = await place.webhooks.deliveries(place.user.id, endpoint.endpoint.id)
    assert (delivery.attempts, delivery.status, delivery.delivered_at) == (len(PAUSES) + 1, 503, None)
    assert delivery.error == "the receiver answered 503"
    place.time.passes(timedelta(days=31))
    await place.sender().forget()
    assert await place.webhooks.deliveries(place.user.id, endpoint.endpoint.id) == []


async def test_an_endpoint_that_is_gone_gets_nothing_more_until_it_is_tested(place: Place) -> None:
    endpoint = (await place.registered()).endpoint
    await place.fail_a_job()
    place.receiver.answers = [410]
    await place.sender().sweep()
    [found] = await place.webhooks.list(place.user.id)
    assert found.disabled_at == place.time.now
    await place.fail_a_job()
    assert await place.sender().sweep() == 0
    await place.webhooks.test(place.user.id, endpoint.id)
    assert await place.sender().sweep() == 1
    assert place.receiver.accepted[-1]["type"] == "webhook.test"


async def test_only_the_owners_jobs_are_sent_and_a_deleted_session_is_silent(place: Place) -> None:
    await place.registered()
    auth = AuthService(place.database, Passwords(time_cost=1, memory_kib=64))
    bob = await auth.register("bob@example.com", "correct horse battery")
    theirs = await place.sessions.create(bob.id)
    await place.sessions.begin(bob.id, theirs.id, Action.GENERATE_IMAGES, "bobs", {})
    await place.sessions.fail("bobs", "no")
    assert await place.sender().sweep() == 0
    mine = await place.fail_a_job()
    await place.sessions.delete(place.user.id, mine)
    assert await place.sender().sweep() == 0


async def test_nothing_is_sent_to_an_address_that_has_become_internal(place: Place) -> None:
    made = await WebhookService(place.database, WebhookPoster(resolver=public_address), place.time).add(
        place.user.id, "https://shop.example.com/hook"
    )

    async def rebound(_host: str, _port: int) -> list[str]:
        return ["169.254.169.254"]

    await place.webhooks.test(place.user.id, made.endpoint.id)
    assert await WebhookSender(place.database, WebhookPoster(resolver=rebound), place.time).sweep() == 1
    [delivery] = await place.webhooks.deliveries(place.user.id, made.endpoint.id)
    assert (delivery.status, delivery.delivered_at) == (None, None)
    assert "not on the public internet" in (delivery.error or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest",
        "https://ada:secret@shop.example.com/",
        "ftp://shop.example.com/",
        "shop.example.com",
        "https://",
        "https://shop.example.com:99999/",
        "https://shop.example.com/" + "a" * 3000,
    ],
)
async def test_an_address_that_must_not_be_reached_is_refused(place: Place, url: str) -> None:
    async def resolver(host: str, _port: int) -> list[str]:
        return ["93.184.215.14"] if host == "shop.example.com" else [host.strip("[]")]

    service = WebhookService(place.database, WebhookPoster(resolver=resolver), place.time)
    with pytest.raises(InputError):
        await service.add(place.user.id, url)
    assert await service.list(place.user.id) == ()


async def test_addresses_are_registered_once_and_not_without_end(place: Place) -> None:
    endpoint = (await place.registered()).endpoint
    with pytest.raises(ConflictError):
        await place.registered()
    for number in range(MAX_ENDPOINTS - 1):
        await place.webhooks.add(place.user.id, f"{place.receiver.address}/{number}")
    with pytest.raises(ConflictError, match="10 webhook endpoints"):
        await place.webhooks.add(place.user.id, f"{place.receiver.address}/more")
    with pytest.raises(NotFoundError):
        await place.webhooks.remove("another", endpoint.id)
    await place.fail_a_job()
    await place.webhooks.remove(place.user.id, endpoint.id)
    assert endpoint.id not in [each.id for each in await place.webhooks.list(place.user.id)]
