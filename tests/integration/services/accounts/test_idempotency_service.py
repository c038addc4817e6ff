from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adreel.db.engine import Database
from adreel.db.tables import UserRow
from adreel.domain.errors import ConflictError
from adreel.services.accounts.idempotency import (
    Claim,
    IdempotencyService,
    KeptAnswer,
    LostClaimError,
    StillAtWorkError,
)
from support.db import add_user

PATH = "/api/sessions/create"
ANSWER = KeptAnswer(201, {"id": "1"})


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database: Database, clock: Clock) -> IdempotencyService:
    await add_user(database, "ann")
    await add_user(database, "bob")
    return IdempotencyService(database, clock)


async def claimed(service: IdempotencyService, user: str = "ann", path: str = PATH, body: str = "a" * 64) -> Claim:
    claim = await service.claim(user, path, "key", body)
    assert isinstance(claim, Claim)
    return claim


async def test_an_answer_is_given_again(service: IdempotencyService) -> None:
    await service.keep(await claimed(service), ANSWER)
    assert await service.claim("ann", PATH, "key", "a" * 64) == ANSWER


async def test_another_body_is_refused_whether_or_not_the_first_is_answered(service: IdempotencyService) -> None:
    claim = await claimed(service)
    for _ in range(2):
        with pytest.raises(ConflictError, match="another request"):
            await service.claim("ann", PATH, "key", "b" * 64)
        await service.keep(claim, ANSWER)


async def test_keys_of_others_and_of_other_paths_are_other_keys(service: IdempotencyService) -> None:
    await service.keep(await claimed(service), ANSWER)
    await claimed(service, user="bob")
    await claimed(service, path="/api/generate-clips")


async def test_while_the_first_is_at_work_others_wait(service: IdempotencyService, clock: Clock) -> None:
    await claimed(service)
    clock.wait(seconds=59)
    with pytest.raises(StillAtWorkError) as refused:
        await service.claim("ann", PATH, "key", "a" * 64)
    assert refused.value.retry_after > 0


async def test_work_that_died_is_taken_over_and_may_not_answer_any_more(
    service: IdempotencyService, clock: Clock
) -> None:
    dead = await claimed(service)
    clock.wait(seconds=61)
    alive = await claimed(service)
    await service.keep(dead, KeptAnswer(200, {"from": "the dead"}))
    await service.release(dead)
    await service.keep(alive, ANSWER)
    assert await service.claim("ann", PATH, "key", "a" * 64) == ANSWER


async def test_a_claim_of_a_clock_that_was_ahead_is_taken_over(service: IdempotencyService, clock: Clock) -> None:
    clock.wait(hours=2)
    await claimed(service)
    clock.wait(hours=-2)
    await service.keep(await claimed(service), ANSWER)
    assert await service.claim("ann", PATH, "key", "a" * 64) == ANSWER


async def test_an_answer_is_committed_with_the_work_or_not_at_all(
    service: IdempotencyService, database: Database
) -> None:
    receipt = service.receipt(await claimed(service), lambda done: KeptAnswer(200, {"id": done}))

    async def undone() -> None:
        async with database.writing() as transaction:
            await receipt(transaction, "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    with pytest.raises(StillAtWorkError):
        await service.claim("ann", PATH, "key", "a" * 64)
    async with database.writing() as transaction:
        await receipt(transaction, "2")
    assert await service.claim("ann", PATH, "key", "a" * 64) == KeptAnswer(200, {"id": "2"})


async def test_work_whose_claim_was_taken_over_is_undone(
    service: IdempotencyService, database: Database, clock: Clock
) -> None:
    dead = await claimed(service)
    clock.wait(seconds=61)
    await claimed(service)

    async def late() -> None:
        async with database.writing() as transaction:
            transaction.add(UserRow(id="twice", created_at=clock()))
            await transaction.flush()
            await service.receipt(dead, lambda _: ANSWER)(transaction, None)

    with pytest.raises(LostClaimError):
        await late()
    async with database.reading() as transaction:
        assert await transaction.get(UserRow, "twice") is None


async def test_a_released_key_is_free(service: IdempotencyService) -> None:
    await service.release(await claimed(service))
    await claimed(service, body="b" * 64)


async def test_an_answer_is_not_released(service: IdempotencyService) -> None:
    claim = await claimed(service)
    await service.keep(claim, ANSWER)
    await service.release(claim)
    assert await service.claim("ann", PATH, "key", "a" * 64) == ANSWER


async def test_after_a_day_a_key_is_new(service: IdempotencyService, clock: Clock) -> None:
    await service.keep(await claimed(service), ANSWER)
    clock.wait(hours=25)
    await claimed(service, body="b" * 64)


async def test_what_was_kept_long_enough_is_removed(service: IdempotencyService, clock: Clock) -> None:
    await service.keep(await claimed(service), ANSWER)
    assert await service.forget_expired() == 0
    clock.wait(hours=25)
    await service.keep(await claimed(service, user="bob"), ANSWER)
    assert await service.forget_expired() == 1
    assert await service.claim("bob", PATH, "key", "a" * 64) == ANSWER


async def test_one_of_many_at_once_gets_the_claim(service: IdempotencyService) -> None:
    results = await asyncio.gather(
        *[service.claim("ann", PATH, "key", "a" * 64) for _ in range(10)], return_exceptions=True
    )
    assert sum(isinstance(result, Claim) for result in results) == 1
    assert sum(isinstance(result, StillAtWorkError) for result in results) == 9
