"""Limits of connections as plain values."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Sizes in bytes, times in seconds.

    `head_bytes` bounds request line and headers together, `headers` their number (Apache's LimitRequestFields is 100 as
    well), `target_bytes` the request line's target (RFC 9110, 4.1 asks servers to take 8000). A head must be complete within
    `head_seconds`. A body must keep up `body_rate` bytes a second once `body_seconds` have passed (Apache's mod_reqtimeout:
    20 s, 500 B/s), and must never pause for `pause_seconds`; time in which the app does not read is not counted.
    `framing_bytes`: bytes of a chunked body without data (chunk extensions, trailers). `send_seconds`: how long a client may
    stop reading a response (nginx's send_timeout is 60). `linger_seconds`: how long data is read and dropped after a refusal,
    so that the client can read it. `drain_seconds`: the same for a body that the response did not need. `pipelined`: requests
    that may wait behind the current one.
    `connections` and `per_address` count open connections; the second does not apply to this machine (a local proxy
    forwards all clients); 0 disables it.
    `socket_bytes` and `socket_rate` limit what a WebSocket client sends: at once, and per second on average.
    `socket_backlog`: bytes of unread replies to its pings.
    """

    head_bytes: int = 64 * KIB
    headers: int = 100
    target_bytes: int = 8 * KIB
    head_seconds: float = 15.0
    body_seconds: float = 20.0
    body_rate: int = KIB
    pause_seconds: float = 30.0
    framing_bytes: int = 64 * KIB
    keep_alive_seconds: int = 5
    send_seconds: float = 60.0
    linger_seconds: float = 2.0
    drain_seconds: float = 10.0
    pipelined: int = 16
    connections: int = 2048
    per_address: int = 256
    socket_bytes: int = 64 * KIB
    socket_rate: int = KIB
    socket_backlog: int = 256 * KIB
    check_seconds: float = 1.0
