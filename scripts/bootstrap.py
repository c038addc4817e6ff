"""Makes the pinned uv available with nothing but a bare Python, and prints its path.

uv stands in the `bootstrap` dependency group, so the lock file holds the address and the SHA-256 of its wheel for
every platform. That wheel is fetched when neither the tools folder nor PATH has this very version; pip, venv and
ensurepip are not needed (some systems ship Python without them). The usual variables are honoured: HTTPS_PROXY,
NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR. Standard library only; the file parses on old Pythons so that they get a
message instead of a syntax error.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

try:
    import tomllib
except ImportError:
    sys.exit(
        "adreel needs Python 3.11 or newer, this is " + platform.python_version() + ": make PYTHON=/path/to/python"
    )

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / ".tools" / "uv" / "uv"
MAX_BINARY_BYTES = 256 * 2**20
STALL_SECONDS = 30
TOTAL_SECONDS = 300


class BootstrapError(Exception):
    """One line that says what to do."""


class Wheel(NamedTuple):
    url: str
    hash: str
    size: int


class Pin(NamedTuple):
    version: str
    wheels: list[Wheel]


def pinned_uv(lock: str) -> Pin:
    """What the lock file says of uv."""
    for package in tomllib.loads(lock)["package"]:
        if package["name"] == "uv":
            wheels = [Wheel(wheel["url"], wheel["hash"], wheel["size"]) for wheel in package["wheels"]]
            return Pin(package["version"], wheels)
    raise BootstrapError("uv.lock does not pin uv: add it to the bootstrap group and run 'uv lock'")


def choose_wheel(wheels: list[Wheel], system: str, machine: str, glibc: str) -> Wheel:
    """The wheel for this platform; `glibc` is "2.36" for instance, or empty where the C library is another (musl).

    Among several that would run, the one built against the newest C library is taken.
    """
    fitting = [(rank, wheel) for wheel in wheels for rank in _ranks(wheel.url, system, machine, glibc)]
    if not fitting:
        raise BootstrapError("no uv wheel for " + system + " " + machine + ": install uv by hand and put it on PATH")
    return max(fitting)[1]


def _ranks(url: str, system: str, machine: str, glibc: str) -> list[tuple[int, ...]]:
    family = "macosx" if system == "Darwin" else "manylinux" if glibc else "musllinux"
    pattern = re.compile(family + r"_(\d+)_(\d+)_" + re.escape(machine))
    tags = url.rsplit("/", 1)[-1][: -len(".whl")].rsplit("-", 1)[-1].split(".")
    ranks = [_numbers(found.groups()) for found in map(pattern.fullmatch, tags) if found]
    return [rank for rank in ranks if family != "manylinux" or rank <= _numbers(glibc.split(".")[:2])]


def _numbers(parts: list[str] | tuple[str, ...]) -> tuple[int, ...]:
    return tuple(int(part) for part in parts)


def fetch(wheel: Wheel) -> bytes:
    """The wheel's bytes, once their length and hash are those of the lock. Raises BootstrapError, OSError."""
    if not wheel.url.startswith("https://") or not wheel.hash.startswith("sha256:"):
        raise BootstrapError("uv.lock must give an https address and a sha256 for uv, not " + wheel.url)
    data = _read(wheel)
    if "sha256:" + hashlib.sha256(data).hexdigest() != wheel.hash:
        raise BootstrapError("what " + wheel.url + " gave is not what uv.lock pins: refused")
    return data


def _read(wheel: Wheel) -> bytes:
    deadline, buffer = time.monotonic() + TOTAL_SECONDS, io.BytesIO()
    with urllib.request.urlopen(wheel.url, timeout=STALL_SECONDS) as answer:  # noqa: S310 - fetch lets only https through
        while block := answer.read(2**16):
            buffer.write(block)
            if buffer.tell() > wheel.size or time.monotonic() > deadline:
                raise BootstrapError(wheel.url + " is larger or slower than allowed: try again later")
    return buffer.getvalue()


def unpack(wheel: bytes, target: Path) -> None:
    """Writes only the uv binary, whole or not at all."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(info for info in archive.infolist() if info.filename.endswith(".data/scripts/uv"))
        if member.file_size > MAX_BINARY_BYTES:
            raise BootstrapError("the uv binary is larger than allowed")
        binary = archive.read(member)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(binary)
        Path(partial).chmod(0o755)
        Path(partial).replace(target)
    finally:
        Path(partial).unlink(missing_ok=True)


def is_version(candidate: str, version: str) -> bool:
    """Whether this program runs here and is uv of exactly that version."""
    try:
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.split()[:2] == ["uv", version]


def find_or_fetch() -> str:
    """The path of a uv of the pinned version. Raises BootstrapError, OSError."""
    pin = pinned_uv((ROOT / "uv.lock").read_text(encoding="utf-8"))
    for candidate in (str(BINARY), shutil.which("uv")):
        if candidate and is_version(candidate, pin.version):
            return candidate
    libc, version = platform.libc_ver()
    wheel = choose_wheel(pin.wheels, platform.system(), platform.machine(), version if libc == "glibc" else "")
    print("Fetching uv " + pin.version, file=sys.stderr)
    unpack(fetch(wheel), BINARY)
    if not is_version(str(BINARY), pin.version):
        raise BootstrapError("the fetched uv does not run here: install uv " + pin.version + " and put it on PATH")
    return str(BINARY)


if __name__ == "__main__":
    try:
        print(find_or_fetch())
    except (BootstrapError, OSError) as error:
        sys.exit("bootstrap: " + " ".join(str(error).split()))
