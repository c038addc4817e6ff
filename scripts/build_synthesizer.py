"""Compiles TinySoundFont for every machine that adreel supports, and compares with what scripts/assets.toml pins.

    python scripts/build_synthesizer.py [--pin]    --pin prints the hashes instead of refusing others

The source comes from the sdist of `tinysoundfont` that uv.lock pins; the compiler is Zig's, of the version that uv.lock pins:
`make synthesizer` runs this with it. The libraries are committed, so that neither users nor tests need this.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from bootstrap import BootstrapError, Wheel, fetch

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "src" / "adreel" / "assets"
PINS = ROOT / "scripts" / "assets.toml"
MAX_MEMBER_BYTES = 2**20
# Contraction of a * b + c would round differently from machine to machine.
FLAGS = ("-O2", "-ffp-contract=off", "-fno-sanitize=all", "-shared", "-fPIC", "-s")
UNIT = '#define TSF_NO_STDIO\n#define TSF_IMPLEMENTATION\n#include "tsf.h"\n'


class BuildError(Exception):
    """One line that says what is wrong."""


def locked_sdist(lock: str, package: str) -> Wheel:
    """Where uv.lock says that the source of a package is. Raises BuildError."""
    for entry in tomllib.loads(lock)["package"]:
        if entry["name"] == package and "sdist" in entry:
            sdist = entry["sdist"]
            return Wheel(sdist["url"], sdist["hash"], sdist["size"])
    raise BuildError(f"uv.lock has no source of {package}: add it to the group synthesizer-source and run 'uv lock'")


def read_member(sdist: bytes, member: str) -> bytes:
    """A file of the sdist, below its one folder. Raises BuildError."""
    with tarfile.open(fileobj=io.BytesIO(sdist)) as archive:
        for info in archive:
            if info.isfile() and info.name.partition("/")[2] == member and info.size <= MAX_MEMBER_BYTES:
                file = archive.extractfile(info)
                assert file is not None, "it is a file"  # noqa: S101 - for the type checker
                return file.read()
    raise BuildError(f"the source has no {member}")


def compile_library(source: bytes, target: str) -> bytes:
    """The shared library for one of Zig's targets. Raises subprocess.CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tsf.h").write_bytes(source)
        Path(folder, "tsf.c").write_text(UNIT, encoding="ascii")
        command = [sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, "-o", "library", "tsf.c"]
        subprocess.run(command, cwd=folder, timeout=600, check=True)
        return Path(folder, "library").read_bytes()


def verified(data: bytes, sha256: str, name: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise BuildError(f"{name} is not what scripts/assets.toml pins, but {found}: refused")
    return data


def main(arguments: list[str]) -> None:
    pins: dict[str, Any] = tomllib.loads(PINS.read_text(encoding="utf-8"))["synthesizer"]
    sdist = fetch(locked_sdist((ROOT / "uv.lock").read_text(encoding="utf-8"), pins["package"]))
    source = verified(read_member(sdist, pins["member"]), pins["source_sha256"], pins["member"])
    for pin in pins["library"]:
        library = compile_library(source, pin["target"])
        if "--pin" in arguments:
            print(f"{pin['path']}: {hashlib.sha256(library).hexdigest()}")
        else:
            (ASSETS / pin["path"]).write_bytes(verified(library, pin["sha256"], pin["path"]))
            print(f"verified {pin['path']}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BuildError, BootstrapError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"synthesizer: {error}")
