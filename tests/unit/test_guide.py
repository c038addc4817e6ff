"""The guide's navigation is complete, its pages link within docs/ only, and its messages are those of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.guide import DOCS, ROOT, sections

PAGES = [page for pages in sections().values() for page in pages]
TROUBLESHOOTING = DOCS / "guide" / "troubleshooting.md"
ANY = "…"


def quoted(page: str) -> list[str]:
    """The messages in the first cells of the page's tables."""
    cells = re.findall(r"^\| (?!message)(.+?) \|", page, re.MULTILINE)
    return [message for cell in cells for message in re.findall(r"`([^`]+)`", cell)]


def templates(tree: ast.AST) -> Iterator[str]:
    """The texts in a module, with … for what is filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def all_templates() -> str:
    sources = [*(ROOT / "src" / "adreel").rglob("*.py"), ROOT / "scripts" / "bootstrap.py"]
    return "\n".join(text for path in sources for text in templates(ast.parse(path.read_text("utf-8"))))


def unknown_parts(message: str, texts: str) -> list[str]:
    """Parts of a message, between two …, that the code does not have."""
    parts = [part.strip(" :;,.'") for part in message.split(ANY)]
    return [part for part in parts if part and part not in texts]


def test_the_messages_of_the_page_are_those_of_the_code() -> None:
    messages, texts = quoted(TROUBLESHOOTING.read_text("utf-8")), all_templates()
    assert len(messages) > 40
    assert {message: parts for message in messages if (parts := unknown_parts(message, texts))} == {}


def test_each_message_has_words_enough_to_be_found() -> None:
    short = [text for text in quoted(TROUBLESHOOTING.read_text("utf-8")) if len(re.findall(r"[a-z]{2,}", text)) < 2]
    assert short == []


def test_a_message_that_the_code_does_not_have_is_found() -> None:
    assert unknown_parts("the disk of … has a hole", all_templates()) == ["has a hole"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_navigation_exists(page: str) -> None:
    assert (DOCS / page).is_file()


def test_every_document_is_in_the_navigation() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    decisions = {page for page in written if re.match(r"decisions/\d", page)}
    assert written - decisions == set(PAGES)
    assert len(PAGES) == len(set(PAGES))


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_document_links_only_to_what_the_site_holds(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    paths = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [path for path in paths if not (page.parent / path).resolve().is_relative_to(DOCS)] == []
