"""Opens the sockets on which the processes of the service listen."""

from __future__ import annotations

import socket

from adreel.domain.errors import SetupError

_BACKLOG = 2048


def listening(host: str, port: int, advice: str) -> socket.socket:
    """Opens a listening socket; it accepts connections once something serves it. Raises SetupError with `advice`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # asyncio does this only for sockets that it opens itself. Without it every response on a kept-alive connection waits
        # 40 ms for the client's acknowledgement of the response's head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise SetupError(f"cannot listen on {host}:{port}: {error.strerror or error}; {advice}") from error


def url_of(host: str, listener: socket.socket) -> str:
    """The address of a listening socket, with the host as it was named."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
