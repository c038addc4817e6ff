from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.accounts.user import Grant, User
from adreel.domain.errors import AuthError, SetupError
from adreel.routers.common.credentials import Redeemed, TicketSigner

SECRET = b"0123456789abcdef"
START = datetime(2026, 1, 1, tzinfo=UTC)


ADA = Grant(User("ada", None), "login-1")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_ticket_names_its_user() -> None:
    signer = TicketSigner(SECRET, Clock())
    assert signer.redeem(signer.issue(ADA, "s1", 60), "s1") == Redeemed("ada", "login-1")


def test_where_there_are_no_logins_a_ticket_is_of_none() -> None:
    signer = TicketSigner(SECRET, Clock())
    ticket = signer.issue(Grant(User("local", None), None), "s1", 60)
    assert signer.redeem(ticket, "s1") == Redeemed("local", None)


def test_a_ticket_cannot_be_made_one_of_another_login() -> None:
    signer = TicketSigner(SECRET, Clock())
    with pytest.raises(AuthError):
        signer.redeem(signer.issue(ADA, "s1", 60).replace("login-1", "login-2"), "s1")


def test_a_ticket_is_for_one_session() -> None:
    signer = TicketSigner(SECRET, Clock())
    with pytest.raises(AuthError, match="not for this session"):
        signer.redeem(signer.issue(ADA, "s1", 60), "s2")


def test_a_ticket_expires() -> None:
    clock = Clock()
    signer = TicketSigner(SECRET, clock)
    ticket = signer.issue(ADA, "s1", 60)
    clock.now += timedelta(seconds=60)
    with pytest.raises(AuthError, match="expired"):
        signer.redeem(ticket, "s1")


@pytest.mark.parametrize(
    "ticket", ["", ".", "..", "ada.1.x", "ada.99999999999.", "ada.login-1.99999999999.", "a.b.c.d.e", "é.ü.ö", "\ud800"]
)
def test_what_was_not_issued_is_refused(ticket: str) -> None:
    with pytest.raises(AuthError):
        TicketSigner(SECRET, Clock()).redeem(ticket, "s1")


def test_a_ticket_of_another_secret_is_refused() -> None:
    ticket = TicketSigner(b"another secret of 32", Clock()).issue(ADA, "s1", 60)
    with pytest.raises(AuthError):
        TicketSigner(SECRET, Clock()).redeem(ticket, "s1")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SetupError):
        TicketSigner(b"short")
