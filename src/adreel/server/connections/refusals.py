"""Responses to requests that are refused before they reach the app."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status, the last part of the problem's type, and a message that says what to do."""

    status: int
    kind: str
    detail: str

    def encoded(self, headers: Sequence[tuple[bytes, bytes]] = ()) -> bytes:
        """The complete response as bytes; the connection is closed after it."""
        phrase = HTTPStatus(self.status).phrase
        problem = {
            "type": f"urn:adreel:problem:{self.kind}",
            "title": phrase,
            "status": self.status,
            "detail": self.detail,
        }
        body = json.dumps(problem).encode("ascii")
        own = (
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        )
        lines = b"".join(b"%s: %s\r\n" % header for header in (*headers, *own))
        return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (self.status, phrase.encode("ascii"), lines, body)


MALFORMED = Refusal(400, "malformed", "the request is not valid HTTP")
PIPELINED = Refusal(400, "malformed", "too many requests were sent before the first was answered; wait for the answers")
FRAMING = Refusal(400, "malformed", "the body consists of chunk extensions or trailers; send data")
SLOW_HEAD = Refusal(408, "slow", "the request was not received in time; send it again")
SLOW_BODY = Refusal(408, "slow", "the request's body was received too slowly; send it again")
LONG_TARGET = Refusal(414, "too-large", "the address is too long; send the data in the body")
LARGE_HEAD = Refusal(431, "too-large", "the headers are too large; send fewer or shorter ones, such as fewer cookies")
CROWDED = Refusal(503, "busy", "too many connections are open; close some or try again in a moment")
