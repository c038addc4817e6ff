from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.errors import AuthError, SetupError
from adreel.routers.tickets import TicketSigner

SECRET = b"0123456789abcdef"
START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_ticket_tells_whose_it_is() -> None:
    signer = TicketSigner(SECRET, Clock())
    assert signer.redeem(signer.issue("ada", "s1", 60), "s1") == "ada"


def test_a_ticket_is_for_one_session() -> None:
    signer = TicketSigner(SECRET, Clock())
    with pytest.raises(AuthError, match="not for this session"):
        signer.redeem(signer.issue("ada", "s1", 60), "s2")


def test_a_ticket_expires() -> None:
    clock = Clock()
    signer = TicketSigner(SECRET, clock)
    ticket = signer.issue("ada", "s1", 60)
    clock.now += timedelta(seconds=60)
    with pytest.raises(AuthError, match="expired"):
        signer.redeem(ticket, "s1")


@pytest.mark.parametrize("ticket", ["", ".", "..", "ada.1.x", "ada.99999999999.", "é.ü.ö", "\ud800"])
def test_what_was_not_issued_is_refused(ticket: str) -> None:
    with pytest.raises(AuthError):
        TicketSigner(SECRET, Clock()).redeem(ticket, "s1")


def test_a_ticket_of_another_secret_is_refused() -> None:
    ticket = TicketSigner(b"another secret of 32", Clock()).issue("ada", "s1", 60)
    with pytest.raises(AuthError):
        TicketSigner(SECRET, Clock()).redeem(ticket, "s1")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SetupError):
        TicketSigner(b"short")
