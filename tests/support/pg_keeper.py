"""Runs a server for as long as the process that started this lives, then removes its folder. Not imported: a program of its own.

    python -P tests/support/pg_keeper.py FOLDER USER COMMAND...

The end of standard input tells that the starter is gone, whichever way it went. USER "-" is oneself.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading

STOP_SECONDS = 20


def main() -> None:
    folder, user, *command = sys.argv[1:]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, user=None if user == "-" else user)
    threading.Thread(target=_stop_when_alone, args=(server,), daemon=True).start()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _stop_when_alone(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    main()
