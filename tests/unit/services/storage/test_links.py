from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from adreel.domain.errors import SetupError
from adreel.services.storage.links import LinkSigner

KEY = "sessions/one/film.mp4"
SECRET, OTHER = b"a" * 32, b"b" * 32
NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def parts(query: str) -> tuple[int, str]:
    fields = parse_qs(query, strict_parsing=True)
    return int(fields["expires"][0]), fields["signature"][0]


def test_a_link_is_good_for_as_long_as_was_asked_and_ends() -> None:
    clock = Clock(NOON + timedelta(seconds=1.5))
    signer = LinkSigner(SECRET, clock)
    expires, signature = parts(signer.sign(KEY, 3600))
    clock.now += timedelta(seconds=3600)
    assert signer.verify(KEY, expires, signature)
    clock.now += timedelta(seconds=600)
    assert not signer.verify(KEY, expires, signature)


def test_what_is_left_of_a_link_is_counted_by_the_clock_that_signed_it() -> None:
    clock = Clock()
    signer = LinkSigner(SECRET, clock)
    expires, _ = parts(signer.sign(KEY, 3600))
    clock.now += timedelta(seconds=1000)
    assert signer.left(expires) == 2600
    clock.now += timedelta(hours=2)
    assert signer.left(expires) == 1


def test_links_made_within_ten_minutes_are_the_same() -> None:
    clock = Clock(NOON + timedelta(seconds=1))
    signer = LinkSigner(SECRET, clock)
    first = signer.sign(KEY, 3600)
    clock.now = NOON + timedelta(seconds=600)
    assert signer.sign(KEY, 3600) == first
    clock.now = NOON + timedelta(seconds=601)
    assert signer.sign(KEY, 3600) != first


def test_a_link_opens_nothing_else() -> None:
    signer = LinkSigner(SECRET, Clock())
    expires, signature = parts(signer.sign(KEY, 60))
    assert signer.verify(KEY, expires, signature)
    assert not signer.verify("sessions/two/film.mp4", expires, signature)
    assert not signer.verify(KEY, expires + 1, signature)
    assert not LinkSigner(OTHER, Clock()).verify(KEY, expires, signature)


def test_parts_cannot_be_shifted_between_key_and_time() -> None:
    signer = LinkSigner(SECRET, Clock())
    expires, signature = parts(signer.sign("1/a", 60))
    assert not signer.verify("/a", int(f"{expires}1"), signature)


@pytest.mark.parametrize("signature", ["", "0" * 64, "ä", "\udcff", "\0"])
def test_any_text_may_be_given_as_a_signature(signature: str) -> None:
    assert not LinkSigner(SECRET, Clock()).verify(KEY, int(NOON.timestamp()) + 600, signature)


def test_links_outlive_a_change_of_secret() -> None:
    expires, signature = parts(LinkSigner(OTHER, Clock()).sign(KEY, 60))
    changed = LinkSigner(SECRET, Clock(), previous=OTHER)
    assert changed.verify(KEY, expires, signature)
    assert changed.sign(KEY, 60) == LinkSigner(SECRET, Clock()).sign(KEY, 60)


def test_short_secrets_are_refused() -> None:
    with pytest.raises(SetupError, match="16 bytes or more"):
        LinkSigner(b"short", Clock())
    with pytest.raises(SetupError, match="16 bytes or more"):
        LinkSigner(SECRET, Clock(), previous=b"")
