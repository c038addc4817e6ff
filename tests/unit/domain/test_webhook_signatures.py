"""The scheme Standard Webhooks, with its own published example."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from adreel.domain.accounts.webhooks import new_secret, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (the specification's example)


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    moment = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_are_random_and_of_use() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    key = base64.b64decode(first.removeprefix("whsec_"))
    assert len(key) == 24
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    signature = signed_headers(first, "id", moment, b"body")["webhook-signature"]
    content = f"id.{int(moment.timestamp())}.body".encode()
    assert signature == f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"
