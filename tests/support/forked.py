"""Python programs as processes of their own that are started in milliseconds: forks of a server that has imported adreel.

A start by way of the system spends a second or two on imports. A fork runs the same program with the same arguments,
environment, folder and streams; what a test looks at that the imports change (memory, lazy imports) needs `subprocess`.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

_SERVER = Path(__file__).with_name("fork_server.py")
_STARTS = threading.Lock()


class Forked:
    """A running program. `command` is [sys.executable, "-m", MODULE, …] or [sys.executable, "-P", FILE, …].

    Without `stdin`, there is nothing to read.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdin: IO[bytes] | None,
        stdout: IO[bytes],
        stderr: IO[bytes],
    ) -> None:
        python, *argv = map(str, command)
        assert python == sys.executable
        assert argv[0] in ("-m", "-P")
        self.args = [python, *argv]
        self.returncode: int | None = None
        self._ending, ended = os.pipe()
        request = json.dumps({"argv": argv, "cwd": str(cwd), "env": dict(env)}).encode()
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123
            streams = [(stdin or nothing).fileno(), stdout.fileno(), stderr.fileno(), ended]
            with _STARTS:
                socket.send_fds(_server(), [request], streams)
                self.pid = int(_server().recv(32))
        os.close(ended)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and _is_readable(self._ending, timeout):
            ending = os.read(self._ending, 32)
            assert ending, "the fork server is gone"
            self.returncode = int(ending)
            os.close(self._ending)
        return self.returncode


Program = Forked | subprocess.Popen[bytes]


def start(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes],
    stderr: IO[bytes],
) -> Program:
    """A fork on Linux; elsewhere, where a process that has loaded so much must not fork, a process as the system starts it."""
    if sys.platform == "linux":
        return Forked(command, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr)
    given = subprocess.DEVNULL if stdin is None else stdin
    return subprocess.Popen(command, cwd=cwd, env=env, stdin=given, stdout=stdout, stderr=stderr)


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], timeout: float, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Like `subprocess.run` with its output captured as text. After `timeout` seconds it kills the program and raises
    TimeoutExpired."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(typed.encode())
        given.seek(0)
        program = start(command, cwd=cwd, env=env, stdin=given, stdout=out, stderr=err)
        try:
            code = program.wait(timeout)
        except BaseException:
            program.kill()
            raise
        return subprocess.CompletedProcess(program.args, code, _text(out), _text(err))


def _is_readable(pipe: int, timeout: float | None) -> bool:
    """`select` would refuse the numbers of a process with a thousand open files."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


@cache
def _server() -> socket.socket:
    """One for the process of the tests; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
    server = subprocess.Popen(
        [sys.executable, "-P", str(_SERVER), str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        server.wait(30)

    atexit.register(end)
    return ours
