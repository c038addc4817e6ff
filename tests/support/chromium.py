"""A Chromium for the browser tests: one that is there, else Playwright's own, else Debian's package.

``PYTHONPATH=tests python -m support.chromium`` prints where it is, installing it where none is there yet.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
DEBIAN_PACKAGE = "chromium-headless-shell"
TRY_SECONDS = 30
DOWNLOAD_SECONDS = 180
APT_SECONDS = 300
# A network that lets nothing through gives no answer at all: without this each of five tries waits for half a minute.
CONNECT_MILLISECONDS = 5000


class NoChromiumError(Exception):
    """One line that says what was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How this machine is asked: for programs by name, and to run a command within seconds. Tests give others."""

    which: Callable[[str], str | None]
    run: Callable[[Sequence[str], float], str | None]
    playwright_path: Callable[[], Path]
    is_root: bool
    environment: Mapping[str, str]


def this_machine() -> Ways:
    return Ways(shutil.which, run_within, playwright_path, os.geteuid() == 0, os.environ)


def find_chromium(ways: Ways | None = None) -> Path:
    """The program to start, installed where none was there. One process at a time installs. Raises NoChromiumError."""
    asked = ways or this_machine()
    named = asked.environment.get("ADREEL_CHROMIUM")
    if named:
        if not _starts(asked, named):
            raise NoChromiumError(f"ADREEL_CHROMIUM names {named}, which does not start: name another, or none")
        return Path(named)
    with _alone():
        return _present(asked) or _downloaded(asked) or _from_debian(asked) or _none()


def _present(ways: Ways) -> Path | None:
    known = (path for name in NAMES if (path := ways.which(name)))
    return next((Path(path) for path in known if _starts(ways, path)), None) or _playwrights(ways)


def _playwrights(ways: Ways) -> Path | None:
    path = ways.playwright_path()
    return path if _starts(ways, str(path)) else None


def _downloaded(ways: Ways) -> Path | None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    ways.run(command, DOWNLOAD_SECONDS)
    return _playwrights(ways)


def _from_debian(ways: Ways) -> Path | None:
    apt = ways.which("apt-get")
    if not ways.is_root or apt is None:
        return None
    options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    ways.run([apt, *options, "update"], APT_SECONDS)
    ways.run([apt, *options, "install", "--no-install-recommends", DEBIAN_PACKAGE], APT_SECONDS)
    return _present(ways)


def _none() -> Path:
    raise NoChromiumError(
        f"the browser tests need a Chromium, and none could be had: none of {', '.join(NAMES)} on PATH starts, Playwright's "
        f"cannot be downloaded, and Debian's {DEBIAN_PACKAGE} cannot be installed (that takes root and apt-get). "
        "Install one, or name one with ADREEL_CHROMIUM."
    )


def _starts(ways: Ways, path: str) -> bool:
    """Some systems have a stub under the name that only says where to get the browser; some lack its libraries."""
    return ways.run([path, "--no-sandbox", "--version"], TRY_SECONDS) is not None


def playwright_path() -> Path:
    """Where Playwright keeps the browser of its version, whether or not it is there."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def run_within(command: Sequence[str], seconds: float) -> str | None:
    """What the command prints, or None if it fails or takes longer."""
    environment = {
        **os.environ,
        "DEBIAN_FRONTEND": "noninteractive",
        "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(CONNECT_MILLISECONDS),
    }
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


@contextmanager
def _alone() -> Generator[None]:
    """Several test processes start at once: the first one installs, the others then find what it installed."""
    path = Path(tempfile.gettempdir()) / f"adreel-chromium-{os.geteuid()}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_chromium()}\n")
    except NoChromiumError as error:
        sys.exit(str(error))
