"""A receiver of webhooks as a careful user writes one. It shares no code with adreel: signatures are checked by the text of the
scheme Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE = 300
WAIT_SECONDS = 120


@dataclass
class Receiver:
    """`answers` are the statuses of the next requests, 204 afterwards. `now` is the receiver's clock."""

    secret: str = ""
    answers: list[int] = field(default_factory=list[int])
    now: Callable[[], float] = time.time
    address: str = ""
    accepted: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    refused: list[str] = field(default_factory=list[str])
    _seen: set[str] = field(default_factory=set[str])
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    @property
    def url(self) -> str:
        return f"{self.address}/hooks/adreel?shop=1"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """The status of the answer to one request."""
        with self._changed:
            self.requests.append(headers)
            self._changed.notify_all()
            fault = self._fault(headers, body)
            if fault:
                self.refused.append(fault)
                return 401
            if self.answers:
                return self.answers.pop(0)
            if headers["webhook-id"] not in self._seen:
                self._seen.add(headers["webhook-id"])
                self.accepted.append(json.loads(body))
            return 204

    def wait(self, found: Callable[[Receiver], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: found(self), WAIT_SECONDS), (self.accepted, self.refused)

    def _fault(self, headers: dict[str, str], body: bytes) -> str:
        message_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if abs(self.now() - int(moment or 0)) > TOLERANCE:
            return "the time is far from mine: a replay"
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        content = f"{message_id}.{moment}.".encode() + body
        right = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        given = [part.partition(",")[2] for part in headers.get("webhook-signature", "").split() if part[:3] == "v1,"]
        return "" if any(hmac.compare_digest(right, one) for one in given) else "the signature is wrong"


@contextmanager
def receiving(receiver: Receiver | None = None) -> Generator[Receiver]:
    """A receiver on a free port of this machine."""
    found = receiver or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = found.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
            """Requests are kept by the receiver."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
