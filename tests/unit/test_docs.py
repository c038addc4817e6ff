"""Documents name only files, folders, modules and tests that exist. Decisions are left out: they keep the names of their day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "adreel"
DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "tests/fundamentals/README.md")
    ),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent != DECISIONS),
]
ROOMS = frozenset(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")
TOPS = frozenset({"benchmarks", "docs", "examples", "scripts", "src", "tests"}) | ROOMS
SOURCES = frozenset({"py", "md"})
"""What ends so is a path also without a folder."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
NAMED = re.compile(
    r"(?<![\w/.:<-])((?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:py|md|toml|js|css|html|typ))(?:::(\w+))?(?![\w/])"
)
FOLDER = re.compile(r"(?:[\w.-]+/)+[\w.-]*")
MODULE = re.compile(rf"(?:adreel|{'|'.join(sorted(ROOMS))})(?:\.[A-Za-z_]\w*)+")


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _links(document: Path) -> Iterator[str]:
    return (link for link in LINK.findall(_text(document)) if not re.match(r"[a-z]+:", link))


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(document: Path) -> set[str]:
    return {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", _text(document), re.MULTILINE)}


def _found(document: Path, name: str) -> Path | None:
    """The file or folder that a document means: below the root, the package, the tests, or the document's own folder."""
    places = (base / name for base in (ROOT, PACKAGE, ROOT / "tests", document.parent))
    return next((place for place in places if place.exists()), None)


def _paths(document: Path) -> Iterator[tuple[str, str]]:
    """Paths in the text, each with the test it names, if any. A placeholder such as ``<name>.py`` is none."""
    for path, test in NAMED.findall(_text(document)):
        if "/" in path or path.rpartition(".")[2] in SOURCES:
            yield path, test


def _folders(document: Path) -> Iterator[str]:
    for code in CODE.findall(_text(document)):
        if FOLDER.fullmatch(code) and code.partition("/")[0] in TOPS:
            yield code


def _modules(document: Path) -> Iterator[str]:
    """Dotted names of modules and of what they define, without arguments."""
    for code in CODE.findall(_text(document)):
        name = code.partition("(")[0]
        if MODULE.fullmatch(name) and _found(document, name) is None:
            yield name


def _is_there(name: str) -> bool:
    """Whether a dotted name is a package, a module, or something that a module defines."""
    place = PACKAGE
    for part in name.removeprefix("adreel.").split("."):
        if not place.is_dir():
            defined = rf"^(?:class |def |async def )?{part}\b"
            return re.search(defined, place.read_text("utf-8"), re.MULTILINE) is not None
        place = place / part if (place / part).is_dir() else place / f"{part}.py"
        if not place.exists():
            return False
    return True


def wrong_in(document: Path) -> list[str]:
    """Everything that a document names and that does not exist."""
    wrong: list[str] = []
    for link in _links(document):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            wrong.append(link)
    for path, test in _paths(document):
        found = _found(document, path)
        if found is None or (test and f"def {test}(" not in _text(found)):
            wrong.append(f"{path}::{test}" if test else path)
    wrong += [folder for folder in _folders(document) if _found(document, folder) is None]
    wrong += [name for name in _modules(document) if not _is_there(name)]
    return sorted(set(wrong))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_only_what_exists(document: Path) -> None:
    assert wrong_in(document) == []


@pytest.mark.parametrize(
    "text",
    [
        "see [there](gone.md)",
        "see [there](#no-such-heading)",
        "![picture](screenshots/gone.webp)",
        "`media/gone.py` does it",
        "```\nuv run pytest tests/unit/gone/test_gone.py\n```",
        "`tests/unit/test_docs.py::test_gone` holds it",
        "`gone.py` lies loose",
        "`catalogue/gone.toml`",
        "the room `media/gone/`",
        "`agents.options.gone` checks",
        "`adreel.app.create_app(services)` makes it",
    ],
)
def test_what_does_not_exist_is_found(tmp_path: Path, text: str) -> None:
    document = tmp_path / "page.md"
    document.write_text(f"# Page\n\n{text}\n", encoding="utf-8")
    assert len(wrong_in(document)) == 1


def test_what_exists_and_what_is_no_path_is_let_through(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    names = (
        "`media/checks.py`, `catalogue/models.toml`, `agents.options.film_spec`, `tests/unit/media/`, `media.checks`"
    )
    others = (
        "`media/music/genres/<name>.py`, `sessions/<id>/images/`, `application/zip`, https://example.org/a/b.md, `12.5`"
    )
    document.write_text(f"# A page: so\n\n{names}\n{others}\n[up](#a-page-so)\n", encoding="utf-8")
    assert wrong_in(document) == []
