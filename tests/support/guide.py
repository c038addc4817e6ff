"""The pages of the guide (mkdocs.yml), their blocks, and the site that is built of them."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUN = frozenset({"sh", "python"})
"""Languages of blocks that tests run; "text" is what the block before it prints. Other blocks are checked only."""

_FENCE = re.compile(r"^```([\w]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The build must not ask anything of the network: a connection is an error.
_OFFLINE = """
import socket, sys
def refuse(*_): raise OSError("the guide is built without a network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
sys.argv[0] = "mkdocs"
cli()
"""


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is that of its first line in the page."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(each[1], each[2], text[: each.start(2)].count("\n") + 1) for each in _FENCE.finditer(text)]


def sections() -> dict[str, list[str]]:
    """The navigation: titles of sections with their pages, relative to docs/."""
    nav: list[Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    titled = [item for entry in nav for item in cast("dict[str, str | list[Any]]", entry).items()]
    return {title: [part] if isinstance(part, str) else list(_pages(part)) for title, part in titled}


def _pages(part: list[Any]) -> Iterator[str]:
    for each in part:
        yield each if isinstance(each, str) else next(iter(cast("dict[str, str]", each).values()))


def build_site(target: Path) -> str:
    """Builds the site as `make docs` does, without a network, and returns what was printed. Skips without the group `docs`."""
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("the packages of the group docs are not installed; `make docs` installs them")
    command = [sys.executable, "-c", _OFFLINE, "build", "--quiet", "--site-dir", str(target)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
