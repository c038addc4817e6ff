"""Parses untrusted JSON: every kind of malformed input raises the same error."""

from __future__ import annotations

import json
from typing import cast

MOST_NESTED = 100
"""Levels of objects and lists. Recursive code later writes, compares and traverses the values."""


def read_json(text: str | bytes) -> object:
    """Returns the value. Raises ValueError for invalid JSON or Unicode, or nesting deeper than `MOST_NESTED` levels."""
    try:
        value: object = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"the JSON is nested more than {MOST_NESTED} levels deep") from error
    _check_depth(value)
    return value


def _check_depth(value: object) -> None:
    """Level by level, without recursion."""
    level = [value]
    for _ in range(MOST_NESTED + 1):
        level = [part for outer in level for part in _parts(outer)]
        if not level:
            return
    raise ValueError(f"the JSON is nested more than {MOST_NESTED} levels deep")


def _parts(value: object) -> list[object]:
    """Returns the objects and lists directly within a value."""
    if isinstance(value, dict):
        inner = list(cast("dict[str, object]", value).values())
    else:
        inner = cast("list[object]", value) if isinstance(value, list) else []
    return [part for part in inner if isinstance(part, (dict, list))]
