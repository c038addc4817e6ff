"""Starts Python programs by a fork of a process that has imported adreel already. Not imported: a program of its own.

    python -P tests/support/fork_server.py SOCKET

SOCKET is the number of a connected Unix socket that keeps the bounds of messages. A request is a JSON object with `argv`, `cwd`
and `env`, beside four file descriptors: the program's standard streams, and a pipe that its exit code is written into. The
answer is its process id. The end of the socket ends this process; the programs go on, as children of any process do.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

_PRELOADED = (
    "adreel.cli.main",
    "adreel.cli.operating.accounts",
    "adreel.cli.delivering",
    "adreel.cli.doctor",
    "adreel.cli.films",
    "adreel.cli.models",
    "adreel.cli.progress",
    "adreel.cli.operating.reconcile",
    "adreel.cli.report",
    "adreel.cli.operating.service",
    "adreel.studio.studio",
    "adreel.server.run",
    "adreel.testing.replicate.server",
    "adreel.bootstrap.service",
    "adreel.bootstrap.worker",
    "adreel.orchestrator.engine.dbos_runtime",
    "adreel.agents.maker",
    "adreel.media.segments.decode",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "rich.progress",
    "rich.table",
)
_LARGEST_REQUEST = 1 << 20


def main() -> None:
    for name in _PRELOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    request = _serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        _run(request["argv"])


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Returns twice: in each child with its request, in the server with None at the end."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, _notice)
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, reading], [], [])
        if reading in ready:
            os.read(reading, 4096)
            _reap(children)
        if control in ready:
            request, given, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, 4)
            if not request:
                return None
            pid = os.fork()
            if pid == 0:
                return _become(json.loads(request), given)
            for stream in given[:3]:
                os.close(stream)
            children[pid] = given[3]
            control.send(str(pid).encode())


def _notice(number: int, frame: object) -> None:
    """The signal has been written to the wakeup pipe."""


def _reap(children: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            # Who started it may be gone.
            with suppress(OSError):
                os.write(children[pid], str(os.waitstatus_to_exitcode(status)).encode())
            os.close(children.pop(pid))


def _become(request: dict[str, Any], given: list[int]) -> dict[str, Any]:
    """Makes this child what the system would have started: its streams, folder, environment and signals."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(given[:3]):
        os.dup2(stream, number)
    os.closerange(3, 4096)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[:0] = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 (streams that stay open)
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    return request


def _run(argv: list[str]) -> None:
    """As `python -P FILE …` and `python -m MODULE …` do."""
    how, program, *_ = argv
    sys.argv = argv[1:]
    if how == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
