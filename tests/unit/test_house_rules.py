"""Rules of the house that no off-the-shelf linter holds. Layers and settings are held by import-linter."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "adreel").rglob("*.py"))
ASSETS = ROOT / "src" / "adreel" / "assets"
TEST_ASSETS = ROOT / "tests" / "assets"
_TABLES = tomllib.loads((ROOT / "scripts" / "assets.toml").read_text(encoding="utf-8"))
_SYNTHESIZER = _TABLES["synthesizer"]
COPIED, TEST_PINS = _TABLES["asset"], _TABLES["test_asset"]
PINS = [*COPIED, *({**_SYNTHESIZER, **library} for library in _SYNTHESIZER["library"])]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
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
    "asyncio",
    "av",
    "cv2",
    "numpy",
    "PIL",
    "typst",
    "fontTools",
    "imageio_ffmpeg",
    "opentelemetry",
    "sqlalchemy",
    "dbos",
    "fastapi",
    "boto3",
    "pydantic",
    "httpx",
)


@cache
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


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _calls(tree: ast.AST) -> set[str]:
    return {_dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def _dotted(node: ast.expr) -> str:
    """The name of what is called; of what has no name, such as the result of another call, only the last attributes."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_a_module_does_one_thing() -> None:
    """One test for all modules, as those below: a test for each would cost more than all that they look at."""
    lines = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


_PURCHASING = ("billing", "services/ledger", "orchestrator", "studio", "agents", "cli")
_TAKING_APART = re.compile(r"\b(call_)?key\.(startswith|removeprefix|removesuffix|r?partition|r?split)\(")


def test_keys_of_purchases_are_not_taken_apart() -> None:
    """What a purchase is for is a field of it (decision 0058)."""
    sources = [path for path in SOURCES if _name(path).startswith(_PURCHASING)]
    assert not [_name(path) for path in sources if _TAKING_APART.search(path.read_text(encoding="utf-8"))]
    assert _TAKING_APART.search('call.key.removeprefix("s1:")')


def test_one_module_starts_processes_and_one_speaks_to_the_terminal() -> None:
    others = [path for path in SOURCES if _name(path) != "media/ffmpeg/process.py"]
    assert {_name(path): found for path in others if (found := _starts(_tree(path)))} == {}
    quiet = [path for path in SOURCES if not _name(path).startswith("cli")]
    assert [_name(path) for path in quiet if "print" in _calls(_tree(path))] == []


def _starts(tree: ast.AST) -> set[str]:
    """What a module has to start processes with."""
    return (_imports(tree) & STARTERS) | (_calls(tree) & STARTING_CALLS)


def test_the_search_for_starts_of_processes_finds_them() -> None:
    assert _starts(ast.parse("import subprocess\nos.system('ls')")) == {"subprocess", "os.system"}


def test_the_package_and_the_help_of_its_command_line_load_nothing_heavy() -> None:
    help_text = "adreel.cli.main.app(['--help'], standalone_mode=False)"
    found = f"print([name for name in {HEAVY!r} if name in sys.modules])"
    code = f"import sys, adreel, adreel.cli.main; {help_text}; {found}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "make" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


SERVICE = (
    "sqlalchemy",
    "alembic",
    "asyncpg",
    "dbos",
    "fastapi",
    "uvicorn",
    "boto3",
    "httpx",
    "pygments",
    "opentelemetry",
)


def test_films_on_the_spot_load_nothing_of_the_service() -> None:
    """Half a second of imports, beside a second for a changed call to action."""
    found = f"print([name for name in {SERVICE!r} if name in sys.modules])"
    code = f"import sys, adreel.studio.studio, adreel.bootstrap.local; {found}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


PROCESS_WIDE = {
    "cv2.setNumThreads",
    "cv2.setUseOptimized",
    "gc.disable",
    "gc.freeze",
    "logging.basicConfig",
    "logging.config.dictConfig",
    "os.environ.setdefault",
    "os.environ.update",
    "os.nice",
    "os.putenv",
    "os.umask",
    "resource.setrlimit",
    "signal.signal",
    "warnings.catch_warnings",
    "warnings.filterwarnings",
    "warnings.simplefilter",
}
OWN_PROCESSES = ("cli/", "server/", "media/process_tuning.py", "media/photos/child.py", "testing/")


def _process_wide(tree: ast.AST) -> set[str]:
    """Calls and assignments that change the whole process."""
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
    changed = {ast.unparse(node.value) for node in stored} & {"os.environ"}
    return changed | {call for call in _calls(tree) if call in PROCESS_WIDE or call.endswith(".mallopt")}


def test_only_adreels_own_processes_are_tuned() -> None:
    """A program that embeds adreel keeps its threads, environment, signals, warnings and logging (decision 0065)."""
    embedded = {path: _tree(path) for path in SOURCES if not _name(path).startswith(OWN_PROCESSES)}
    assert {_name(path): found for path, tree in embedded.items() if (found := _process_wide(tree))} == {}
    assert [_name(path) for path, tree in embedded.items() if "adreel.media.process_tuning" in _imports(tree)] == []


def test_the_search_for_process_wide_changes_finds_them() -> None:
    tuning = (ROOT / "src" / "adreel" / "media" / "process_tuning.py").read_text(encoding="utf-8")
    assert {"cv2.setNumThreads", "warnings.filterwarnings"} <= _process_wide(ast.parse(tuning))
    assert _process_wide(ast.parse("os.environ['A'] = 'b'")) == {"os.environ"}


DOORS = ("cli/", "server/", "web/", "routers/", "bootstrap/", "testing/")
OF_A_DOOR = re.compile(
    r"(?<![\w-])--[a-z][\w-]*|ADREEL_|\b(?:GET|POST|PUT|DELETE) /|/api/|"
    r"\badreel (?:make|compose|serve|worker|db|user|doctor|models|reconcile)\b"
)


def _texts(tree: ast.AST) -> list[str]:
    """All string constants but docstrings, those in f-strings included."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]


def test_the_core_names_no_option_setting_or_request() -> None:
    """An error of the core has a `remedy`; each door adds the name that its users know (decision 0065)."""
    core = [path for path in SOURCES if not _name(path).startswith(DOORS)]
    assert [(_name(path), text) for path in core for text in _texts(_tree(path)) if OF_A_DOOR.search(text)] == []


@pytest.mark.parametrize(
    "text", ["say it with --prompt", "set ADREEL_JOBS", "POST /x", "see /api/models", "run: adreel db upgrade"]
)
def test_the_search_for_names_of_doors_finds_them(text: str) -> None:
    assert OF_A_DOOR.search(_texts(ast.parse(f"raise InputError({text!r})"))[0])


DIALECT = re.compile(r"\b(?:told|whoever|nobody|wishes|bell)\b", re.IGNORECASE)
"""Words that stood for standard terms once: event, anyone who, no user, options, wakeup."""


def test_modules_are_written_in_standard_terms() -> None:
    assert DIALECT.search("Nobody is told")
    found = [(_name(path), DIALECT.findall(path.read_text(encoding="utf-8"))) for path in SOURCES]
    assert [(name, words) for name, words in found if words] == []


def _imported_modules(path: Path) -> set[str]:
    """Modules of adreel that this one imports, at once or in a function."""
    names, found = _modules(), set[str]()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} & names
    # A module's own packages are being imported already when its turn comes.
    return {name for name in found if not _module(path).startswith(name)}


@cache
def _modules() -> frozenset[str]:
    return frozenset(map(_module, SOURCES))


def _module(path: Path) -> str:
    return ".".join(("adreel", *Path(_name(path)).with_suffix("").parts)).removesuffix(".__init__")


def test_no_modules_import_each_other() -> None:
    """Within a room import-linter's layers see no circle, and it shows only in an order of imports that no test uses. Imports in
    functions count, too."""
    graph = {_module(path): _imported_modules(path) for path in SOURCES}
    tuple(TopologicalSorter(graph).static_order())


def test_decisions_have_numbers_of_their_own_and_numbers_without_a_page_have_none() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    unused = re.findall(r"\d{4}", index.partition("Numbers without a page:")[2])
    assert numbers == sorted(set(numbers))
    assert unused
    assert set(unused).isdisjoint(numbers)


def test_a_decision_says_why_and_what_follows() -> None:
    texts = {path.name: path.read_text(encoding="utf-8").splitlines() for path in DECISIONS}
    headings = {name: [line for line in lines if line.startswith("## ")] for name, lines in texts.items()}
    asked = ["## Context", "## Decision", "## Consequences"]
    assert {name: found for name, found in headings.items() if found != asked} == {}


def test_a_decision_has_a_status_and_a_date_and_stands_in_the_index() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DECISIONS if f"]({path.name})" not in index] == []
    assert [path.name for path in DECISIONS if not path.name[:4].isdigit() or not _has_proper_head(path)] == []


def _has_proper_head(path: Path) -> bool:
    head = path.read_text(encoding="utf-8").split("## Context")[0].splitlines()
    known = dict(line.removeprefix("- ").split(": ", 1) for line in head if line.startswith("- "))
    patterns = {
        "Status": r"(accepted(; .*\d{4}.*)?|superseded by \d{4})",
        "Date": r"20\d\d-\d\d-\d\d",
        "Supersedes": r"none(; .*)?|.*\d{4}.*",
    }
    fit = all(re.fullmatch(pattern, known.get(name, "")) for name, pattern in patterns.items())
    return fit and head[0].startswith(f"# {path.name[:4]}: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [("Status: acc", "Status: ok"), ("Date: 2", "Date: in 2"), ("- Supersedes", "- Other"), ("# 0", "# 1")],
)
def test_the_search_for_improper_heads_finds_them(before: str, after: str, tmp_path: Path) -> None:
    text = DECISIONS[0].read_text(encoding="utf-8")
    path = tmp_path / DECISIONS[0].name
    path.write_text(text, encoding="utf-8")
    assert _has_proper_head(path)
    path.write_text(text.replace(before, after), encoding="utf-8")
    assert not _has_proper_head(path)


def test_every_asset_is_pinned_and_every_pin_has_its_asset() -> None:
    ours = {".py", ".typ", ".md"}
    own_folders = {"api_docs", "examples"}
    present = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    third_party = {name for name in present if Path(name).suffix not in ours and "__pycache__" not in name}
    third_party = {name for name in third_party if Path(name).parts[0] not in own_folders}
    licences = {pin["license_file"] for pin in PINS}
    assert third_party - licences == {pin["path"] for pin in PINS}
    assert licences <= present


def test_an_asset_is_what_its_pin_says() -> None:
    found = {pin["path"]: hashlib.sha256((ASSETS / pin["path"]).read_bytes()).hexdigest() for pin in PINS}
    assert {pin["path"] for pin in PINS if found[pin["path"]] != pin["sha256"]} == set()
    assert [pin["path"] for pin in PINS if Path(pin["license_file"]).parts[0] != Path(pin["path"]).parts[0]] == []


def test_an_asset_is_documented() -> None:
    table = (ASSETS / "README.md").read_text(encoding="utf-8").splitlines()
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert PINS
    assert [pin["path"] for pin in PINS if not _is_listed(pin, table) or pin["path"] not in notice] == []


def _is_listed(pin: dict[str, str], table: list[str]) -> bool:
    row = f"| `{pin['path']}` | `{pin['package']}` {pin['version']} |"
    return any(line.startswith(row) and pin["sha256"][:12] in line for line in table)


@pytest.mark.parametrize("pin", TEST_PINS, ids=lambda pin: pin["path"])
def test_a_file_of_the_tests_is_pinned_documented_and_beside_its_licence(pin: dict[str, str]) -> None:
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
