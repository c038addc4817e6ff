"""Splits collections for statements that take only so many values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice


def batches(names: Collection[str], size: int) -> Iterator[list[str]]:
    """Yields the names in lists of at most `size`, of a copy: the collection may change meanwhile."""
    rest = iter(tuple(names))
    while batch := list(islice(rest, size)):
        yield batch
