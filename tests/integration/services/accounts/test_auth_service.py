from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from adreel.db.engine import Database
from adreel.db.tables import TokenRow, UserRow
from adreel.domain.errors import AuthError, BusyError, ConflictError, InputError, NotFoundError
from adreel.services.accounts.login_budgets import PER_ACCOUNT_AND_CLIENT
from adreel.services.accounts.passwords import Passwords
from adreel.services.accounts.service import LOGIN_LIFETIME, AuthService

PASSWORD = "correct horse battery"  # noqa: S105


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def auth(database: Database, clock: Clock) -> AuthService:
    return AuthService(database, Passwords(time_cost=1, memory_kib=64), clock)


async def test_who_registers_can_log_in_whatever_the_case_of_the_address(auth: AuthService) -> None:
    user = await auth.register("Ada@Example.org", PASSWORD)
    issued = await auth.login(" ada@example.ORG ", PASSWORD, "127.0.0.1")
    assert await auth.identify(issued.token) == user


async def test_two_accounts_cannot_share_an_address(auth: AuthService) -> None:
    await auth.register("ada@example.org", PASSWORD)
    with pytest.raises(ConflictError):
        await auth.register("ADA@example.org", PASSWORD)


@pytest.mark.parametrize("email", ["", "ada", "a b@c", "ada@", "a\0@b", "\ud800@b", "@b"])
async def test_what_is_no_address_is_refused_and_never_logs_in(auth: AuthService, email: str) -> None:
    with pytest.raises(InputError):
        await auth.register(email, PASSWORD)
    with pytest.raises(AuthError):
        await auth.login(email, PASSWORD, "127.0.0.1")


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
async def test_passwords_have_a_sensible_length(auth: AuthService, password: str) -> None:
    with pytest.raises(InputError):
        await auth.register("ada@example.org", password)


async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(auth: AuthService) -> None:
    await auth.register("ada@example.org", PASSWORD)
    with pytest.raises(AuthError) as wrong:
        await auth.login("ada@example.org", "something else", "127.0.0.1")
    with pytest.raises(AuthError) as unknown:
        await auth.login("bob@example.org", PASSWORD, "127.0.0.1")
    assert str(wrong.value) == str(unknown.value)


async def test_guessing_is_stopped_even_when_the_last_guess_is_right(auth: AuthService) -> None:
    await auth.register("ada@example.org", PASSWORD)
    for _ in range(PER_ACCOUNT_AND_CLIENT.burst):
        with pytest.raises(AuthError):
            await auth.login("ada@example.org", "something else", "127.0.0.1")
    with pytest.raises(BusyError):
        await auth.login("ada@example.org", PASSWORD, "127.0.0.1")


async def test_neither_passwords_nor_tokens_are_kept_in_the_open(auth: AuthService, database: Database) -> None:
    user = await auth.register("ada@example.org", PASSWORD)
    key = await auth.create_api_key(user.id, "build server")
    async with database.reading() as tx:
        row = (await tx.scalars(select(UserRow))).one()
        token = (await tx.scalars(select(TokenRow))).one()
    assert row.password_hash is not None
    assert PASSWORD not in row.password_hash
    assert row.password_hash.startswith("$argon2id$")
    assert key.token not in token.token_hash


async def test_a_login_ends_by_itself_and_by_logging_out(auth: AuthService, clock: Clock) -> None:
    await auth.register("ada@example.org", PASSWORD)
    first = await auth.login("ada@example.org", PASSWORD, "127.0.0.1")
    second = await auth.login("ada@example.org", PASSWORD, "127.0.0.1")
    await auth.logout(first.token)
    with pytest.raises(AuthError):
        await auth.identify(first.token)
    await auth.identify(second.token)
    clock.now += LOGIN_LIFETIME
    with pytest.raises(AuthError):
        await auth.identify(second.token)


async def test_a_new_password_ends_logins_and_leaves_api_keys(auth: AuthService) -> None:
    user = await auth.register("ada@example.org", PASSWORD)
    issued = await auth.login("ada@example.org", PASSWORD, "127.0.0.1")
    key = await auth.create_api_key(user.id, "build server")
    await auth.change_password("ada@example.org", "another fine password")
    with pytest.raises(AuthError):
        await auth.identify(issued.token)
    assert await auth.identify(key.token) == user
    await auth.login("ada@example.org", "another fine password", "127.0.0.1")


async def test_an_api_key_lives_until_its_owner_revokes_it(auth: AuthService, clock: Clock) -> None:
    ada = await auth.register("ada@example.org", PASSWORD)
    bob = await auth.register("bob@example.org", PASSWORD)
    key = await auth.create_api_key(ada.id, "build server")
    clock.now += timedelta(days=1000)
    assert await auth.identify(key.token) == ada
    (listed,) = await auth.api_keys(ada.id)
    assert (listed.id, listed.name, listed.last_used_at) == (key.id, "build server", clock.now)
    assert await auth.api_keys(bob.id) == ()
    with pytest.raises(NotFoundError):
        await auth.revoke_api_key(bob.id, key.id)
    await auth.revoke_api_key(ada.id, key.id)
    with pytest.raises(AuthError):
        await auth.identify(key.token)


async def test_the_local_user_is_always_the_same(auth: AuthService) -> None:
    assert await auth.local_user() == await auth.local_user()


@pytest.mark.parametrize("token", ["", "adreel_login_x", "\0", "\ud800"])
async def test_a_made_up_token_lets_nobody_in(auth: AuthService, token: str) -> None:
    with pytest.raises(AuthError):
        await auth.identify(token)
