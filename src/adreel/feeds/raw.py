"""A row of a feed before it is understood: texts by normalized names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_VALUE = 20_000
"""Characters of one value; the rest is cut off before it is looked at."""
MOST_FIELDS = 300


@dataclass(frozen=True, slots=True)
class RawRow:
    """`fields`: the values of each name, in order. `fault`: why the row cannot be read; `ends_early`: nor the rest after it."""

    row: int
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    fault: str | None = None
    ends_early: bool = False


def normalized(name: str) -> str:
    """A name of a column or element in one spelling: "g:Sale Price" is sale_price."""
    bare = name.strip().casefold().removeprefix("g:")
    return re.sub(r"[^\w]+", "_", bare[:200]).strip("_")
