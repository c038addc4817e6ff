"""Guessing, at once and one after the other, by one and by many, on both databases and from several processes."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from adreel.db.engine import Database
from adreel.db.tables import LoginBudgetRow
from adreel.domain.errors import AuthError, BusyError
from adreel.services.accounts.login_budgets import (
    PER_ACCOUNT,
    PER_ACCOUNT_AND_CLIENT,
    PER_CLIENT,
    PER_DEVICE,
    Attempt,
    LoginBudgets,
)
from adreel.services.accounts.login_gate import SEATS
from adreel.services.accounts.passwords import Passwords
from adreel.services.accounts.service import AuthService

PASSWORD = "correct horse battery"  # noqa: S105
ADA = "ada@example.org"


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Counted(Passwords):
    """Counts how many passwords were looked at."""

    verified = 0
    held: asyncio.Event | None = None

    async def verify(self, password: str, known: str | None) -> bool:
        self.verified += 1
        if self.held is not None:
            await self.held.wait()
        return await super().verify(password, known)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passwords() -> Counted:
    return Counted(time_cost=1, memory_kib=64)


@pytest.fixture
async def auth(database: Database, passwords: Counted, clock: Clock) -> AuthService:
    service = AuthService(database, passwords, clock)
    await service.register(ADA, PASSWORD)
    return service


async def tried(auth: AuthService, password: str, client: str, email: str = ADA, device: str | None = None) -> str:
    try:
        await auth.login(email, password, client, device)
    except AuthError:
        return "wrong"
    except BusyError as error:
        return "busy" if error.retry_after >= 1 else "busy without an end"
    return "in"


async def guess(auth: AuthService, count: int, client: str = "198.51.100.1", email: str = ADA) -> Counter[str]:
    return Counter([await tried(auth, f"wrong guess {number}", client, email) for number in range(count)])


async def spend_account(auth: AuthService) -> None:
    """Strangers from everywhere guess at Ada's account until all of them have to wait."""
    for number in range(PER_ACCOUNT.burst):
        assert await tried(auth, "a wrong guess", f"198.51.{number}.1") == "wrong"
    assert await tried(auth, "a wrong guess", "198.51.99.1") == "busy"


async def test_guesses_at_the_same_time_are_counted_before_they_are_looked_at(
    auth: AuthService, passwords: Counted
) -> None:
    guesses = [PASSWORD if number == 39 else f"wrong guess {number}" for number in range(40)]
    answers = await asyncio.gather(*[tried(auth, each, "198.51.100.1") for each in guesses])
    assert passwords.verified <= PER_ACCOUNT_AND_CLIENT.burst
    assert Counter(answers)["busy"] >= 40 - PER_ACCOUNT_AND_CLIENT.burst
    assert answers[39] == "busy"


async def test_guessing_at_one_account_holds_up_no_other_not_even_from_the_same_address(auth: AuthService) -> None:
    await auth.register("bob@example.org", PASSWORD)
    attack = [asyncio.create_task(tried(auth, f"wrong guess {number}", "198.51.100.1")) for number in range(40)]
    assert await tried(auth, PASSWORD, "198.51.100.1", "bob@example.org") == "in"
    await asyncio.gather(*attack)


async def test_an_attempt_that_found_no_seat_is_not_counted(auth: AuthService, passwords: Counted) -> None:
    emails = [f"{number}@example.org" for number in range(SEATS)]
    clients = [f"203.0.113.{number}" for number in range(SEATS)]
    release = asyncio.Event()
    passwords.held = release
    waiting = [
        asyncio.create_task(tried(auth, "a wrong guess", client, email))
        for client, email in zip(clients, emails, strict=True)
    ]
    while passwords.verified < SEATS:  # noqa: ASYNC110 (tasks tell nobody how far they are)
        await asyncio.sleep(0.01)
    assert await guess(auth, 20, "198.51.100.1") == {"busy": 20}
    assert await tried(auth, PASSWORD, "198.51.100.1") == "busy"
    release.set()
    assert Counter(await asyncio.gather(*waiting)) == {"wrong": SEATS}
    assert await tried(auth, PASSWORD, "198.51.100.1") == "in"


async def test_several_processes_count_together(database: Database, auth: AuthService, clock: Clock) -> None:
    all_passwords = [Counted(time_cost=1, memory_kib=64) for _ in range(4)]
    others = [Database(database.url) for _ in all_passwords]
    processes = [AuthService(db, each, clock) for db, each in zip(others, all_passwords, strict=True)]
    await asyncio.gather(
        *[tried(process, f"wrong guess {number}", "198.51.100.1") for process in processes for number in range(10)]
    )
    for process in processes:
        await guess(process, 3)
    assert sum(each.verified for each in all_passwords) == PER_ACCOUNT_AND_CLIENT.burst
    for db in others:
        await db.close()


async def test_attempts_come_back_one_by_one(auth: AuthService, clock: Clock) -> None:
    burst = PER_ACCOUNT_AND_CLIENT.burst
    assert await guess(auth, burst + 3) == {"wrong": burst, "busy": 3}
    clock.now += PER_ACCOUNT_AND_CLIENT.every
    assert await guess(auth, 3) == {"wrong": 1, "busy": 2}
    clock.now += PER_ACCOUNT_AND_CLIENT.every
    assert await tried(auth, PASSWORD, "198.51.100.1") == "in"


async def test_a_right_password_gives_back_its_own_attempt_and_no_guess_at_the_account(auth: AuthService) -> None:
    almost = PER_ACCOUNT_AND_CLIENT.burst - 1
    for _ in range(PER_ACCOUNT.burst // almost - 1):
        assert await guess(auth, almost) == {"wrong": almost}
        assert await tried(auth, PASSWORD, "198.51.100.1") == "in"
    assert await guess(auth, almost) == {"wrong": almost}
    assert await tried(auth, PASSWORD, "198.51.100.1") == "busy"


async def test_one_stranger_delays_only_at_its_own_address(auth: AuthService) -> None:
    await guess(auth, 10, "198.51.100.1")
    assert await tried(auth, PASSWORD, "198.51.100.1") == "busy"
    assert await tried(auth, PASSWORD, "203.0.113.9") == "in"


async def test_an_address_that_tries_many_accounts_waits_for_all_of_them(auth: AuthService) -> None:
    answers = [await tried(auth, "a wrong guess", "198.51.100.1", f"{number}@example.org") for number in range(40)]
    assert Counter(answers) == {"wrong": PER_CLIENT.burst, "busy": 40 - PER_CLIENT.burst}
    assert await tried(auth, PASSWORD, "198.51.100.1") == "busy"


async def test_addresses_of_one_subscriber_are_one(auth: AuthService) -> None:
    answers = Counter([await tried(auth, "a wrong guess", f"2001:db8:1:2::{number:x}") for number in range(8)])
    assert answers == {"wrong": PER_ACCOUNT_AND_CLIENT.burst, "busy": 8 - PER_ACCOUNT_AND_CLIENT.burst}
    assert await tried(auth, PASSWORD, "2001:db8:1:3::1") == "in"


async def test_spellings_of_one_address_are_one_account(auth: AuthService) -> None:
    spellings = ["ADA@example.org", " ada@EXAMPLE.org", "ａda@example.org", "ada@example.org.", "Ada＠example.org", ADA]
    answers = [await tried(auth, "a wrong guess", "198.51.100.1", spelling) for spelling in spellings]
    assert answers == ["wrong"] * PER_ACCOUNT_AND_CLIENT.burst + ["busy"]


async def test_an_account_that_is_not_there_is_counted_alike(auth: AuthService, passwords: Counted) -> None:
    for email in ("nobody@example.org", "not an address"):
        passwords.verified = 0
        assert await guess(auth, 8, "198.51.100.1", email) == await guess(auth, 8, "203.0.113.9", ADA)
        assert passwords.verified == 2 * PER_ACCOUNT_AND_CLIENT.burst
        await auth.change_password(ADA, PASSWORD)


async def test_strangers_from_everywhere_do_not_shut_out_a_known_device(auth: AuthService, clock: Clock) -> None:
    await spend_account(auth)
    assert await tried(auth, PASSWORD, "203.0.113.9") == "busy"
    assert await tried(auth, PASSWORD, "203.0.113.9", device="laptop") == "in"
    clock.now += PER_ACCOUNT.every
    assert await tried(auth, PASSWORD, "203.0.113.9") == "in"


async def test_a_known_device_cannot_guess_for_ever_either(auth: AuthService) -> None:
    answers = [await tried(auth, "a wrong guess", "203.0.113.9", device="stolen") for _ in range(15)]
    assert Counter(answers) == {"wrong": PER_DEVICE.burst, "busy": 15 - PER_DEVICE.burst}
    assert await tried(auth, PASSWORD, "203.0.113.9", device="laptop") == "in"


async def test_a_new_password_lets_the_owner_in_at_once(auth: AuthService) -> None:
    await spend_account(auth)
    await auth.change_password(ADA, "another fine password")
    assert await tried(auth, "another fine password", "203.0.113.9") == "in"


async def test_api_keys_go_on_working_and_cannot_be_guessed_into_a_delay(auth: AuthService) -> None:
    owner = await auth.user(ADA)
    key = await auth.create_api_key(owner.id, "build server")
    await spend_account(auth)
    for number in range(100):
        with pytest.raises(AuthError):
            await auth.identify(f"adreel_api_key_{number}")
    assert await auth.identify(key.token) == owner


async def test_refused_attempts_make_no_wait_longer_and_cost_no_row(auth: AuthService, database: Database) -> None:
    await guess(auth, PER_ACCOUNT_AND_CLIENT.burst)
    async with database.reading() as tx:
        before = {row.key: row.spent_until for row in await tx.scalars(select(LoginBudgetRow))}
    assert await guess(auth, 20) == {"busy": 20}
    async with database.reading() as tx:
        assert {row.key: row.spent_until for row in await tx.scalars(select(LoginBudgetRow))} == before


async def test_what_was_typed_is_not_kept(auth: AuthService, database: Database) -> None:
    await tried(auth, "a wrong guess", "198.51.100.77", "my-password-in-the-wrong-field")
    async with database.reading() as tx:
        kept = [f"{row.key} {row.account}" for row in await tx.scalars(select(LoginBudgetRow))]
    assert len(kept) == 3
    assert not [row for row in kept if "password" in row or "198.51" in row]


async def test_counts_that_no_longer_matter_are_removed(database: Database, clock: Clock) -> None:
    budgets = LoginBudgets(database, clock)
    await budgets.reserve(Attempt("old@example.org", "198.51.100.1"))
    clock.now += timedelta(hours=1)
    await budgets.reserve(Attempt("new@example.org", "198.51.100.2"))
    await budgets.forget_full()
    async with database.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(LoginBudgetRow)) == 3


async def test_attempts_that_meet_in_one_address_never_wait_for_each_other_for_ever(database: Database) -> None:
    budgets = LoginBudgets(database)
    attempts = [Attempt(f"{number % 5}@example.org", f"198.51.100.{number % 3}") for number in range(60)]

    async def reserve(attempt: Attempt) -> bool:
        try:
            await budgets.reserve(attempt)
        except BusyError:
            return False
        return True

    async with asyncio.timeout(60):
        counted = await asyncio.gather(
            *[reserve(each) for each in attempts], *[budgets.forget_full() for _ in range(5)]
        )
    assert sum(each is True for each in counted) == 60
