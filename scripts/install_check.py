"""Installs the built wheel by `pip install` on each supported Python that this machine has, and makes a film with each.

    python scripts/install_check.py [PYTHON...]      more interpreters, as paths or versions

Outside of the checkout, into a fresh environment, with wheels only, without constraints and without a compiler on PATH. A Python
that is not found is named, and is no failure unless `--all` asks for every one; an installation or a film that fails is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = ROOT / "src" / "adreel" / "assets" / "examples"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PIP_SECONDS, FILM_SECONDS = 900, 300
MIN_FILM_BYTES = 20_000
FILM = (
    "--name",
    "Morgen",
    "--clip-seconds",
    "1",
    "--cta",
    "Order yours",
    "--music",
    "chill",
    "--draft",
    "--out",
    "film.mp4",
)


class Outcome(NamedTuple):
    """What came of one Python; `problem` is empty where adreel was installed and made a film."""

    python: str
    problem: str
    seconds: float = 0.0
    film_bytes: int = 0

    def __str__(self) -> str:
        if self.problem:
            return f"Python {self.python}: {self.problem}"
        return f"Python {self.python}: installed in {self.seconds:.0f} s, film of {self.film_bytes // 1000} kB"


class FailedStepError(Exception):
    """A program that ended otherwise than well, by its last line."""


def full_version(uv: str, request: str) -> tuple[str, str] | None:
    """(version, path) of the interpreter that uv finds for a version or a path, or None; nothing is downloaded."""
    asked = [uv, "python", "find", "--no-project", "--no-python-downloads", request]
    found = subprocess.run(
        asked, cwd=tempfile.gettempdir(), env=_environment(), capture_output=True, text=True, check=False
    )
    if found.returncode:
        return None
    path = found.stdout.strip()
    version = subprocess.run(
        [path, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True
    )
    return version.stdout.strip(), path


def interpreters(uv: str, given: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Paths by full version, one for each minor version, those given first; and the supported versions that are missing."""
    found: dict[str, str] = {}
    for request in (*given, *VERSIONS, *_of_pyenv()):
        answer = full_version(uv, request)
        if answer and minor(answer[0]) in VERSIONS and minor(answer[0]) not in map(minor, found):
            found[answer[0]] = answer[1]
    return found, missing(found)


def _of_pyenv() -> list[str]:
    """Interpreters that pyenv has installed, newest last; its shims on PATH run only the selected one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [str(path) for path in sorted(root.glob("versions/3.*/bin/python"))]


def minor(version: str) -> str:
    """'3.14' of '3.14.8'."""
    return ".".join(version.split(".")[:2])


def missing(found: Iterable[str]) -> list[str]:
    """The supported versions without an interpreter."""
    here = {minor(version) for version in found}
    return [version for version in VERSIONS if version not in here]


def check(uv: str, version: str, python: str, wheel: Path, folder: Path) -> Outcome:
    """Installs the wheel and makes a film with it."""
    begun = time.monotonic()
    try:
        step([uv, "venv", "--quiet", "--seed", "--no-project", "--python", python, "env"], folder, PIP_SECONDS)
        pip = [str(folder / "env/bin/python"), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(wheel)]
        step(pip, folder, PIP_SECONDS)
        seconds = time.monotonic() - begun
        photo = next(iter(sorted(PHOTOS.glob("*.jpg"))))
        step([str(folder / "env/bin/adreel"), "make", str(photo), *FILM], folder, FILM_SECONDS)
    except FailedStepError as problem:
        return Outcome(version, str(problem))
    size = (folder / "film.mp4").stat().st_size
    return Outcome(version, "" if size >= MIN_FILM_BYTES else f"the film has only {size} bytes", seconds, size)


def step(command: Sequence[str], folder: Path, seconds: float) -> None:
    """Runs a program in the folder, with nothing but the new environment on PATH; raises FailedStepError with its last line."""
    # Only the settings of pip and uv are those of this machine's user.
    environment = _environment() | {"PATH": str(folder / "env/bin"), "ADREEL_DATA_DIR": str(folder / "data")}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise FailedStepError(f"{Path(command[0]).name} took more than {seconds:.0f} s") from None
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise FailedStepError(f"{Path(command[0]).name} failed: {lines[-1] if lines else done.returncode}")


def _environment() -> dict[str, str]:
    """The environment without what would lead to the checkout or to its Python."""
    ours = ("UV_PYTHON", "UV_PROJECT", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return {name: value for name, value in os.environ.items() if name not in ours}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", help="further interpreters, as paths or versions")
    parser.add_argument("--uv", default=shutil.which("uv") or "uv")
    parser.add_argument("--all", action="store_true", help="fail if a supported Python is missing")
    given = parser.parse_args()
    found, absent = interpreters(given.uv, given.pythons)
    with tempfile.TemporaryDirectory(prefix="adreel-install-") as name:
        outcomes = list(_checked(given.uv, found, Path(name)))
    for version in absent:
        print(f"Python {version}: not found on this machine, not tried")
    return int(any(outcome.problem for outcome in outcomes) or not outcomes or (given.all and bool(absent)))


def _checked(uv: str, found: dict[str, str], folder: Path) -> Iterable[Outcome]:
    step(
        [uv, "build", "--quiet", "--wheel", "--out-dir", str(folder), "--python", sys.executable, str(ROOT)],
        folder,
        PIP_SECONDS,
    )
    (wheel,) = folder.glob("*.whl")
    for version, python in found.items():
        own = folder / version
        own.mkdir()
        outcome = check(uv, version, python, wheel, own)
        print(outcome, flush=True)
        yield outcome
        shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
