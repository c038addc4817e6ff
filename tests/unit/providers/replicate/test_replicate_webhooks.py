from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from adreel.domain.errors import AuthError
from adreel.providers.replicate.webhooks import signature, verify
from adreel.testing.replicate.webhooks import sign

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BODY = b'{"id":"abc"}'


def headers(body: bytes = BODY, at: datetime = NOW, **changes: str) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(SECRET, "msg_1", timestamp, body),
        **{f"webhook-{name}": value for name, value in changes.items()},
    }


def test_the_signature_is_what_another_implementation_makes() -> None:
    assert signature(SECRET, "msg_1", "5", BODY) == sign(SECRET, "msg_1", "5", BODY)


def test_a_genuine_webhook_gives_its_id() -> None:
    assert verify(SECRET, headers(), BODY, NOW) == "msg_1"


def test_one_of_several_signatures_is_enough() -> None:
    genuine = headers()["webhook-signature"]
    assert verify(SECRET, headers(signature=f"v1,{'A' * 43}= {genuine} v2,x"), BODY, NOW) == "msg_1"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    assert verify(SECRET, headers(at=NOW + timedelta(seconds=seconds)), BODY, NOW) == "msg_1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_webhook_is_refused(seconds: int) -> None:
    with pytest.raises(AuthError, match="too far from ours"):
        verify(SECRET, headers(at=NOW + timedelta(seconds=seconds)), BODY, NOW)


@pytest.mark.parametrize(
    ("given", "body", "words"),
    [
        (headers(), b'{"id":"abd"}', "signature does not fit"),
        (headers(id="msg_2"), BODY, "signature does not fit"),
        (headers(signature="v1,"), BODY, "signature does not fit"),
        (headers(signature="v1,ümlaut"), BODY, "signature does not fit"),
        (headers(timestamp="soon"), BODY, "not a number"),
        (headers(timestamp="9" * 400), BODY, "not a number"),
        (headers(signature=""), BODY, "lacks the header webhook-signature"),
        ({}, BODY, "lacks the header webhook-id"),
    ],
)
def test_everything_else_is_refused(given: dict[str, str], body: bytes, words: str) -> None:
    with pytest.raises(AuthError, match=words):
        verify(SECRET, given, body, NOW)


def test_another_secret_is_refused() -> None:
    other = "whsec_" + base64.b64encode(b"j" * 24).decode()
    with pytest.raises(AuthError, match="signature does not fit"):
        verify(other, headers(), BODY, NOW)


def test_a_secret_that_is_none_is_named() -> None:
    with pytest.raises(AuthError, match="begins with whsec_"):
        verify("whsec_not base64!", headers(), BODY, NOW)
