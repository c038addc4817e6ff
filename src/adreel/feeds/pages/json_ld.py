"""Products in JSON-LD, as shops write it: in graphs, with variants, with commas too many. Never raises for what it says."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, cast

_DEEPEST = 40
_MOST_NODES = 20_000
_PRODUCTS = frozenset({"Product", "ProductGroup", "IndividualProduct", "ProductModel"})
_WRAPPED = re.compile(
    r"^\s*(?:<!--|/\*.*?\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)"
    r"|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$",
    re.DOTALL,
)

Node = dict[str, Any]


def products_of(texts: list[str]) -> list[Node]:
    """The products with a name in the scripts of a page, in their order."""
    return [node for text in texts for node in nodes(parsed(text)) if types(node) & _PRODUCTS and node.get("name")]


def parsed(text: str) -> object:
    """Parses JSON that may have comments around it, commas too many, line breaks in texts, escaped quotes; else None."""
    bare = _WRAPPED.sub("", text.strip())
    for attempt in (bare, re.sub(r",(\s*[}\]])", r"\1", bare), html.unescape(bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def nodes(value: object) -> Iterator[Node]:
    """All objects within a value, outermost first, up to a depth and a number."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        current, depth = waiting.pop()
        inner: list[object] = []
        if isinstance(current, dict):
            node = cast("Node", current)
            yield node
            inner = list(node.values())
        elif isinstance(current, list):
            inner = cast("list[object]", current)
        if depth < _DEEPEST:
            waiting += [(each, depth + 1) for each in reversed(inner)]


def types(node: Node) -> set[str]:
    """The names of a node's types, without their vocabulary."""
    value = node.get("@type", [])
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return {re.split(r"[/:#]", str(each))[-1] for each in values}


def one(value: object) -> object:
    """The first of a list; else the value itself."""
    for _ in range(_DEEPEST):
        if not isinstance(value, list):
            return value
        values = cast("list[object]", value)
        value = values[0] if values else None
    return None


def text_of(value: object) -> str:
    """A text, number, or the name of a node; "" for anything else."""
    first = one(value)
    if isinstance(first, dict):
        first = one(cast("Node", first).get("name"))
    return "" if first is None or isinstance(first, (dict, list, bool)) else str(first)


def links_of(value: object) -> list[str]:
    """The addresses of pictures: texts, or nodes with one."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    found: list[str] = []
    for each in values:
        if isinstance(each, dict):
            node = cast("Node", each)
            each = one(node.get("contentUrl") or node.get("url"))
        if isinstance(each, str) and each.strip():
            found.append(each.strip())
    return found
