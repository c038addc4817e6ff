"""A rule of the house: percentages of progress are figures of one module, `domain/work/percentages.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "adreel"
HOME = PACKAGE / "domain" / "work" / "percentages.py"
CAMERA = PACKAGE / "providers" / "local" / "drawing"
"""There, progress is that of a camera's move through a clip."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != HOME and CAMERA not in path.parents)
TAKING_PROGRESS = {
    "ProgressSpan",
    "Phase",
    "PartReporter",
    "EventDraft",
    "Progress",
    "report",
    "percent",
    "at",
    "fraction",
}
"""Functions and types of which no argument may be a figure."""

PROGRESS = re.compile(r"percent|progress|fraction", re.IGNORECASE)
"""Names of values that may not be compared with figures, computed with them or set to them."""

STAGES = {"Stage", "ProgressStage", "Action", "PartState"}
EDGES = (0, 1)
"""Nothing and all of a piece of work: no figures that anything else depends on."""


def figures(source: str) -> list[str]:
    """The expressions of a module that hold a percentage or a share as a number."""
    tree = ast.parse(source)
    named = frozenset(_constants(tree))
    return [ast.unparse(node) for node in ast.walk(tree) if any(_is_figure(each, named) for each in _values(node))]


def _constants(tree: ast.Module) -> Iterator[str]:
    """The names that a module gives to numbers."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            names = [_name(inner) for target in node.targets for inner in ast.walk(target)]
            yield from names if all(_is_figure(value, frozenset()) for value in values) else ()


def _values(node: ast.AST) -> Iterator[ast.expr]:
    """The values in a node that stand for progress."""
    match node:
        case ast.Call():
            yield from node.args if _name(node.func) in TAKING_PROGRESS else ()
            yield from (each.value for each in node.keywords if _names(each.arg or "", node))
        case ast.Dict():
            yield from _of_stages(node)
        case ast.Compare():
            yield from _beside_progress(node.left, *node.comparators)
        case ast.BinOp():
            yield from _beside_progress(node.left, node.right)
        case ast.Assign():
            yield from _set_to(node.targets, node.value)
        case ast.AnnAssign():
            yield from _set_to([node.target], node.value)
        case _:
            pass


def _of_stages(table: ast.Dict) -> Iterator[ast.expr]:
    for key, value in zip(table.keys, table.values, strict=True):
        if _is_stage(key):
            yield from _expressions(value)


def _beside_progress(*values: ast.expr) -> Iterator[ast.expr]:
    if any(_is_progress(each) for each in values):
        yield from values


def _set_to(targets: Sequence[ast.expr], value: ast.expr | None) -> Iterator[ast.expr]:
    if value is not None and any(_is_progress(inner) for each in targets for inner in _expressions(each)):
        yield from (value, *(inner for inner in ast.iter_child_nodes(value) if isinstance(inner, ast.expr)))


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.expr))


def _name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _names(argument: str, call: ast.Call) -> bool:
    """Whether a keyword argument is progress; `total` is that of a bar."""
    return bool(PROGRESS.search(argument)) or (argument == "total" and _name(call.func) == "add_task")


def _is_progress(node: ast.AST) -> bool:
    return bool(PROGRESS.search(_name(node)))


def _is_stage(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Attribute) and _name(key.value) in STAGES


def _is_figure(node: ast.expr, named: frozenset[str]) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_figure(node.operand, named)
    if isinstance(node, ast.Name):
        return node.id in named
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value not in EDGES


@pytest.mark.parametrize(
    "source",
    [
        "SPANS = {Stage.CREATED: (0, 50)}",
        "CLIPS = Phase(Stage.CLIP_GENERATION, ProgressSpan(55, 90))",
        "draft = EventDraft(stage, 55, 'Planning', {})",
        "reporter.report(0.95, 'joining')",
        "show(progress=92)",
        "bar.add_task('starting', total=100.0)",
        "is_done = part.percent >= 100",
        "shown = 100 * fraction",
        "_FRACTION_DONE = 0.95",
        "_A, _B = 0.6, 0.9\nrest = PartReporter(reporter, ProgressSpan(_B, 1))",
        "_DRAWN = 0.95\nreporter.report(_DRAWN * fraction, 'drawing')",
    ],
)
def test_figures_are_found(source: str) -> None:
    assert figures(source)


@pytest.mark.parametrize(
    "source",
    [
        "reporter.report(0.0, 'reading')",
        "done = fraction >= 1",
        "rest = ProgressSpan(CLIPS.end, 1)",
        "pause = max(5, seconds)",
    ],
)
def test_nothing_and_all_are_no_figures(source: str) -> None:
    assert not figures(source)


def test_the_module_of_percentages_has_figures() -> None:
    assert figures(HOME.read_text(encoding="utf-8"))


def test_no_other_module_has_percentages() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): figures(path.read_text(encoding="utf-8")) for path in MODULES}
    assert found
    assert {name: expressions for name, expressions in found.items() if expressions} == {}
