"""Protocol classes of one server that share one gate."""

from __future__ import annotations

from adreel.server.connections.gate import Gate
from adreel.server.connections.http import GuardedHttp
from adreel.server.connections.sockets import GuardedSocket


def guarded(gate: Gate) -> tuple[type[GuardedHttp], type[GuardedSocket]]:
    """Returns the classes for `uvicorn.Config(http=…, ws=…)`, which instantiates them for each connection."""
    # uvicorn instantiates the classes and passes no arguments of ours: the gate is a class attribute.
    return type("Http", (GuardedHttp,), {"gate": gate}), type("Socket", (GuardedSocket,), {"gate": gate})
