"""What bounds logins without a database: names of accounts, seats, marks of known devices, the hash of no account."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from adreel.domain.errors import BusyError, InputError, SetupError
from adreel.services.accounts.emails import account_name, names_of, normal_email
from adreel.services.accounts.known_devices import LIFETIME, KnownDevices
from adreel.services.accounts.login_budgets import Attempt
from adreel.services.accounts.login_gate import KNOWN_SEATS, PER_CLIENT, SEATS, LoginGate
from adreel.services.accounts.passwords import Passwords

SECRET = b"a secret of tests, thirty-two by"


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(
    "written",
    [
        "ada@münchen.example",
        " ADA@MÜNCHEN.EXAMPLE ",
        "ada@mu\u0308nchen.example",
        "ａｄａ＠münchen.example",
        "ada@xn--mnchen-3ya.example.",
    ],
)
def test_however_an_address_is_written_it_is_one_account(written: str) -> None:
    assert account_name(written) == "ada@münchen.example"
    assert normal_email(written) == "ada@münchen.example"


@pytest.mark.parametrize(
    "written", ["ada\u200b@x.example", "ada@x.example\u202e", "a\u00adda@x.example", "ada", "a@b@c", "\ud800@x"]
)
def test_addresses_that_only_look_like_another_are_none(written: str) -> None:
    with pytest.raises(InputError):
        normal_email(written)


def test_accounts_of_earlier_versions_are_found_under_the_name_they_were_kept_by() -> None:
    assert names_of("Ada@XN--Mnchen-3ya.example") == ("ada@münchen.example", "ada@xn--mnchen-3ya.example")
    assert names_of("not an address") == ()


def by(client: str, device: str | None = None) -> Attempt:
    return Attempt("ada@example.com", client, device)


def fill(gate: LoginGate, stack: ExitStack, attempts: Iterable[Attempt]) -> None:
    for attempt in attempts:
        stack.enter_context(gate.entered(attempt))


def test_one_client_takes_few_seats_even_with_many_addresses() -> None:
    gate = LoginGate()
    with ExitStack() as stack:
        fill(gate, stack, [by(f"2001:db8::{number:x}") for number in range(PER_CLIENT)])
        with pytest.raises(BusyError), gate.entered(by("2001:db8::ffff")):
            pass
        stack.enter_context(gate.entered(by("2001:db8:0:1::1")))


def test_seats_are_bounded_and_strangers_cannot_take_those_of_known_devices() -> None:
    gate = LoginGate()
    with ExitStack() as stack:
        fill(gate, stack, [by(f"10.0.0.{number}") for number in range(SEATS)])
        with pytest.raises(BusyError) as full:
            gate.check(by("10.9.9.9"))
        assert full.value.retry_after >= 1
        fill(gate, stack, [by("10.0.0.1", "laptop")] * KNOWN_SEATS)
        with pytest.raises(BusyError):
            gate.check(by("10.0.0.1", "laptop"))
    gate.check(by("10.9.9.9"))
    gate.check(by("10.0.0.1", "laptop"))


def test_a_seat_is_free_again_after_a_failure() -> None:
    gate = LoginGate(seats=1)
    for _ in range(3):
        with pytest.raises(RuntimeError), gate.entered(by("10.0.0.1")):
            raise RuntimeError
    assert not gate._clients


def test_a_mark_is_of_one_device_and_one_account() -> None:
    devices = KnownDevices(SECRET, Clock(), lambda: "device")
    mark = devices.issue("ada@example.com")
    assert devices.read(mark, " ADA@example.com") == "device"
    assert devices.read(mark, "bob@example.com") is None
    assert devices.read(devices.issue("ada@example.com", "older"), "ada@example.com") == "older"
    assert KnownDevices(b"another secret of 32", Clock()).read(mark, "ada@example.com") is None


def test_a_mark_that_was_changed_is_worth_nothing() -> None:
    devices = KnownDevices(SECRET, Clock(), lambda: "device")
    mark = devices.issue("ada@example.com")
    for changed in (
        mark[:-1],
        f"x{mark}",
        mark.replace(".", "", 1),
        mark.replace("device", "another"),
        "",
        mark * 99,
        None,
    ):
        assert devices.read(changed, "ada@example.com") is None


def test_a_mark_ends() -> None:
    clock = Clock()
    devices = KnownDevices(SECRET, clock)
    mark = devices.issue("ada@example.com")
    clock.now += LIFETIME
    assert devices.read(mark, "ada@example.com") is None


def test_a_short_secret_signs_no_marks() -> None:
    with pytest.raises(SetupError):
        KnownDevices(b"short")


async def test_no_account_costs_the_same_hash_as_an_account_from_the_first_time_on() -> None:
    passwords = Passwords(time_cost=1, memory_kib=64)
    known = await passwords.hash("a fine password")
    parameters = known.split("$")[2:4]
    assert passwords._no_account.split("$")[2:4] == parameters
    assert [len(part) for part in passwords._no_account.split("$")[4:]] == [len(part) for part in known.split("$")[4:]]
    assert not await passwords.verify("a fine password", None)
    assert await passwords.verify("a fine password", known)


async def test_passwords_have_threads_of_their_own() -> None:
    passwords = Passwords(time_cost=1, memory_kib=64)
    names: list[str] = []
    await passwords._run(lambda: names.append(threading.current_thread().name))
    assert names[0].startswith("adreel-password")
