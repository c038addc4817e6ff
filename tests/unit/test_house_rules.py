"""Rules of the house that no off-the-shelf linter holds. Layers and settings are held by import-linter."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "adreel").rglob("*.py"))
ASSETS = ROOT / "src" / "adreel" / "assets"
TEST_ASSETS = ROOT / "tests" / "assets"
_TABLES = tomllib.loads((ROOT / "scripts" / "assets.toml").read_text(encoding="utf-8"))
PINS, TEST_PINS = _TABLES["asset"], _TABLES["test_asset"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
MAX_LINES = 400
MAX_SCREENSHOT_BYTES = 150_000
STARTERS = {"subprocess", "pty"}
STARTING_CALLS = {
    "os.system",
    "os.popen",
    "os.spawnv",
    "os.execv",
    "os.posix_spawn",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
}
HEAVY = (
    "av",
    "cv2",
    "numpy",
    "PIL",
    "typst",
    "tinysoundfont",
    "fontTools",
    "imageio_ffmpeg",
    "sqlalchemy",
    "dbos",
    "fastapi",
    "boto3",
    "pydantic",
    "httpx",
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "src" / "adreel").as_posix()


def _imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _calls(tree: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_does_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_one_module_starts_processes_and_one_speaks_to_the_terminal(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if _name(path) != "media/ffmpeg.py":
        assert not _imports(tree) & STARTERS
        assert not _calls(tree) & STARTING_CALLS
    if not _name(path).startswith("cli"):
        assert "print" not in _calls(tree)


def test_importing_the_package_or_its_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, adreel, adreel.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_there_are_decisions() -> None:
    assert DECISIONS


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_and_what_follows(path: Path) -> None:
    headings = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == ["## Context", "## Decision", "## Consequences"]
    assert path.name[:4].isdigit()


def test_every_asset_is_pinned_and_every_pin_has_its_asset() -> None:
    ours = {".py", ".typ", ".md"}
    own_folders = {"examples"}
    present = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    third_party = {name for name in present if Path(name).suffix not in ours and "__pycache__" not in name}
    third_party = {name for name in third_party if Path(name).parts[0] not in own_folders}
    licences = {pin["license_file"] for pin in PINS}
    assert third_party - licences == {pin["path"] for pin in PINS}
    assert licences <= present


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin["path"])
def test_an_asset_is_what_its_pin_says(pin: dict[str, str]) -> None:
    assert hashlib.sha256((ASSETS / pin["path"]).read_bytes()).hexdigest() == pin["sha256"]
    assert Path(pin["license_file"]).parts[0] == Path(pin["path"]).parts[0]


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin["path"])
def test_an_asset_is_told_of(pin: dict[str, str]) -> None:
    row = f"| `{pin['path']}` | `{pin['package']}` {pin['version']} |"
    table = (ASSETS / "README.md").read_text(encoding="utf-8")
    assert any(line.startswith(row) and pin["sha256"][:12] in line for line in table.splitlines())
    assert pin["path"] in (ROOT / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize("pin", TEST_PINS, ids=lambda pin: pin["path"])
def test_a_file_of_the_tests_is_pinned_told_of_and_beside_its_licence(pin: dict[str, str]) -> None:
    assert hashlib.sha256((TEST_ASSETS / pin["path"]).read_bytes()).hexdigest() == pin["sha256"]
    assert (TEST_ASSETS / pin["license_file"]).is_file()
    row = f"| `{pin['path']}` | `{pin['package']}` {pin['version']} |"
    table = (TEST_ASSETS / "README.md").read_text(encoding="utf-8")
    assert any(line.startswith(row) and pin["sha256"][:12] in line for line in table.splitlines())


def test_every_screenshot_is_shown_and_small() -> None:
    document = (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")
    pictures = sorted((ROOT / "docs" / "screenshots").iterdir())
    assert sorted(re.findall(r"\(screenshots/([^)]+)\)", document)) == [picture.name for picture in pictures]
    assert [picture.name for picture in pictures if picture.stat().st_size > MAX_SCREENSHOT_BYTES] == []
