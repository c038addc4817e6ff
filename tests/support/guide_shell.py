"""A reader's terminal: runs the blocks of a page in one shell, in a folder with photos and clips. Films are small."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

from support.guide import ROOT, Block
from support.pictures import texture
from support.replicate import StandIn
from support.s3 import free_ports
from support.small_films import SMALL_ADREEL

SECONDS = 840
SERVICE, STAND_IN, OUTPUTS = 8000, 8900, 8901
"""Ports that the documents name; a test takes others that are free."""

_MARK = "\x1e"
# What a reader does and a script cannot: leave a server running in another terminal, wait until it answers, say yes.
_PRELUDE = """
set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
ready() {
    until python -c "import urllib.request as u; u.urlopen('$1')" 2>/dev/null; do kill -0 $!; sleep 0.2; done
}
listening() {
    until python -c "import socket, urllib.parse as p; u = p.urlsplit('$1'); socket.create_connection((u.hostname, u.port))"
    do sleep 0.2; done 2>/dev/null
}
adreel() {
    case "$*" in
    serve*) command adreel "$@" --port %(service)d & ready http://127.0.0.1:%(service)d/ready ;;
    make*replicate*) listening "$ADREEL_REPLICATE_BASE_URL"; command adreel "$@" --yes ;;
    *) command adreel "$@" ;;
    esac
}
"""
_MAKE = shutil.which("make")
_PROGRAMS = {
    "adreel": f'exec "{SMALL_ADREEL[0]}" -P "{SMALL_ADREEL[2]}" "$@"',
    "python": f'exec "{sys.executable}" "$@"',
    # uv, of which only the program behind its options is run.
    "run": 'while case "$1" in --*) true ;; *) false ;; esac; do shift; done; exec "$@"',
    "make": f'exec "{_MAKE}" -f "{ROOT}/Makefile" RUN=run "$@"',
}


def run_page(blocks: Sequence[Block], folder: Path, stand_in: StandIn) -> list[str]:
    """What each block printed. The test fails with the block's line if one of its commands does."""
    prepare(folder)
    script = folder / ".page.sh"
    service, api, outputs = free_ports(3)
    text = _script(blocks, service)
    for port, free in ((SERVICE, service), (STAND_IN, api), (OUTPUTS, outputs)):
        text = re.sub(rf"\b{port}\b", str(free), text)
    script.write_text(text, encoding="utf-8")
    code, printed = _ran(script, folder, stand_in)
    parts = printed.split(_MARK)[1:]
    assert code == 0, (
        f"line {blocks[max(len(parts) - 1, 0)].line} ended with {code}:\n{parts[-1] if parts else printed}"
    )
    return parts


def prepare(folder: Path) -> None:
    """A reader's folder: the checkout's examples, photos and clips by the names of the documents, and the programs."""
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "photos").mkdir()
    for number, name in enumerate(
        ("front.jpg", "side.jpg", "detail.jpg", "detail.png", "photos/01.jpg", "photos/02.jpg")
    ):
        Image.fromarray(texture(480, 640, number)).save(folder / name)
    for name, codecs in (("clip1.mp4", ()), ("clip2.mov", ()), ("clip3.webm", ("-c:v", "libvpx"))):
        _ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:d=1", *codecs, folder / name)
    _ffmpeg("-f", "lavfi", "-i", "sine=d=3", folder / "song.wav")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").touch()
    for name, line in _PROGRAMS.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (programs / name).chmod(0o755)


def _ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *map(str, arguments)], check=True)


def _script(blocks: Sequence[Block], service: int) -> str:
    """Shell blocks in their order; pieces of Python are one program, which comes after them."""
    lines = [_PRELUDE % {"service": service}]
    pieces: list[str] = []
    for block in blocks:
        if block.language == "sh":
            lines += [f"printf '{_MARK}'", block.text]
        elif block.language == "python":
            pieces.append(block.text)
    if pieces:
        lines += [f"printf '{_MARK}'", "cat > program.py <<'PROGRAM'", *pieces, "PROGRAM", "python program.py"]
    return "\n".join(lines)


def _ran(script: Path, folder: Path, stand_in: StandIn) -> tuple[int, str]:
    environment = {
        "PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ADREEL_DATA_DIR": str(folder / "data"),
        "ADREEL_REPLICATE_API_TOKEN": "any",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
    }
    output = folder / ".printed"
    with output.open("wb") as printed:
        process = subprocess.Popen(
            ["/usr/bin/env", "bash", script],
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(SECONDS)
        finally:
            _end(process)
    return code, output.read_text(encoding="utf-8")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the shell and what it left running."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
