"""The guide: its commands and programs run as they stand, what it says of messages and commands is so, and its site is whole."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from support import forked
from support.guide import DOCS, ROOT, RUN, Block, blocks, build_site, sections
from support.guide_shell import run_page
from support.replicate import StandIn
from support.small_films import FULL_ADREEL

GUIDE = sections()["Guide"]
WITH_COMMANDS = [page for page in GUIDE if any(block.language == "sh" for block in blocks(DOCS / page))]
READ = [ROOT / "README.md", *(DOCS / page for page in GUIDE), DOCS / "making-ads.md"]
"""Documents whose `adreel …` commands are checked where they cannot be run: they need accounts, servers or rights."""


LONG = (
    "guide/first-ad.md",
    "hosted-models.md",
    "guide/photos.md",
    "guide/brand-and-script.md",
    "making-ads.md",
    "voice.md",
    "captions.md",
    "guide/api.md",
)
"""Pages whose commands make films."""


def _page(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.long if name in LONG else ())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [*map(_page, [*WITH_COMMANDS, "making-ads.md"])])
def test_the_commands_of_a_page_run_and_print_what_it_shows(page: str, tmp_path: Path, stand_in: StandIn) -> None:
    given = blocks(DOCS / page)
    stand_in.rules(alike=True)
    printed = run_page(given, tmp_path, stand_in)
    shells = [block for block in given if block.language == "sh"]
    shown = {before: after for before, after in pairwise(given) if after.language == "text"}
    for block, output in zip(shells, printed, strict=False):
        assert missing(shown.get(block), output) == [], output
    assert len(printed) == len(shells) + any(block.language == "python" for block in given)


def missing(shown: Block | None, output: str) -> list[str]:
    """Lines of a "text" block that were not printed; … stands for anything."""
    lines = output.splitlines()
    patterns = {
        line: ".*".join(re.escape(part) for part in line.split("…"))
        for line in (shown.text.splitlines() if shown else ())
    }
    return [line for line, pattern in patterns.items() if not any(re.fullmatch(pattern, each) for each in lines)]


def test_a_line_that_is_not_printed_is_found() -> None:
    shown = Block("text", "  size 10 MB\nfilm …x…\nother\n", 1)
    assert missing(shown, "  size 10 MB\nfilm 3x4\n") == ["other"]


def test_every_block_of_the_guide_is_run_or_compared() -> None:
    for page in (DOCS / "guide").glob("*.md"):
        others = [block.line for block in blocks(page) if block.language not in RUN | {"text"}]
        assert others == [], f"{page.name}: give the blocks of these lines a language"


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each line that runs ``adreel``, also within a container."""
    for found in re.finditer(r"^(?:docker .* exec \w+ )?adreel (.+)$", text.replace("\\\n", " "), re.MULTILINE):
        yield shlex.split(found[1], comments=True)


@cache
def help_of(*path: str) -> subprocess.CompletedProcess[str]:
    return forked.run([*FULL_ADREEL, *path, "--help"], cwd=ROOT, env=os.environ, timeout=120)


@pytest.mark.parametrize("document", READ, ids=lambda path: path.name)
def test_commands_and_options_that_a_document_names_exist(document: Path) -> None:
    named = [arguments for block in blocks(document) for arguments in commands(block.text)]
    for arguments in named:
        groups = 2 if arguments[0] in ("user", "db", "webhook", "brand") else 1
        shown = help_of(*arguments[:groups])
        assert shown.returncode == 0, f"adreel {shlex.join(arguments)}: {shown.stderr}"
        options = [each for each in arguments if re.fullmatch(r"--[a-z-]+", each)]
        assert [each for each in options if not re.search(rf"{each}\b", shown.stdout)] == [], arguments


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    printed = build_site(target)
    assert "WARNING" not in printed
    return target


class Fetched(HTMLParser):
    """Addresses that a browser fetches to show a page: everything but links that a reader follows."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("src", "data") if tag in ("a", "area") else ("src", "srcset", "poster", "data", "href", "action")
        self.addresses += [value for name, value in attrs if name in names and value]


def foreign(text: str, is_page: bool) -> list[str]:
    """What of a page or stylesheet comes from another server."""
    if is_page:
        parser = Fetched()
        parser.feed(text)
        found = parser.addresses
    else:
        found = re.findall(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)", text)
    return [address for address in found if re.match(r"(https?:)?//", address)]


def test_the_site_fetches_nothing_from_other_servers(site: Path) -> None:
    pages, styles = list(site.rglob("*.html")), list(site.rglob("*.css"))
    assert len(pages) > 20
    assert styles
    found = {path.name: foreign(path.read_text("utf-8"), path.suffix == ".html") for path in [*pages, *styles]}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


@pytest.mark.parametrize(
    ("text", "is_page"),
    [
        ('<script src="https://unpkg.com/x"></script>', True),
        ('<link rel="stylesheet" href="//fonts.googleapis.com/css">', True),
        ('<img src="http://elsewhere.example/pixel.gif">', True),
        ("@import 'https://elsewhere.example/a.css';", False),
        ("a { background: url(//elsewhere.example/a.png) }", False),
    ],
)
def test_what_comes_from_elsewhere_is_found(text: str, is_page: bool) -> None:
    assert len(foreign(text, is_page)) == 1


def test_links_that_a_reader_follows_are_let_through() -> None:
    assert foreign('<a href="https://example.org">there</a><img src="screenshots/a.webp">', True) == []


def test_the_site_has_its_search_and_its_pages(site: Path) -> None:
    missing_pages = [page for page in GUIDE if not (site / page).with_suffix(".html").exists()]
    assert missing_pages == []
    assert "Your first ad" in (site / "search" / "search_index.js").read_text("utf-8")
