"""The first rows of a feed, before any film is made: its columns, the fields they are taken for, and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from adreel.domain.catalogues.batch import RowProblem
from adreel.domain.errors import InputError
from adreel.feeds.fields import NAMES, FieldNames
from adreel.feeds.product import FeedRow, Product
from adreel.feeds.raw import normalized
from adreel.feeds.reading import Feed
from adreel.orchestrator.catalogues.feeds import naming
from adreel.orchestrator.catalogues.planning import row_problem

_LOOKED_AT = 500
"""Rows whose problems are looked for."""
_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class FeedPreview:
    """`columns` are the names in the feed; `mapping` is the column of each field of a product, "" where there is none; `missing`
    are fields that every product needs. `rows` of the first `read` rows could be understood in part or as a whole."""

    kind: str
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    missing: tuple[str, ...]
    rows: tuple[FeedRow, ...]
    problems: tuple[RowProblem, ...]
    read: int
    is_whole: bool

    @property
    def products(self) -> tuple[Product, ...]:
        return tuple(row.product for row in self.rows if row.product is not None)


def preview_of(feed: Feed, rows: int) -> FeedPreview:
    """Reads at most `_LOOKED_AT` rows, of which `rows` are returned. A table that lacks a column is no error: `missing` has it.

    Raises InputError for a file that is no feed, and for one that has no row.
    """
    with naming(feed.paths):
        names = FieldNames(feed.columns)
        first = feed.first_row()
        if first is None:
            raise InputError("the feed has no row: export it again")
        missing = names.missing(first) if first.fields else ()
        found = [] if missing and feed.is_table else list(islice(feed.rows(), _LOOKED_AT + 1))
    problems = [row_problem(each) for row in found[:_LOOKED_AT] for each in row.problems]
    return FeedPreview(
        kind=feed.kind.value,
        columns=tuple(first.fields),
        mapping={field: _column(feed, field, tuple(first.fields)) for field in NAMES},
        missing=missing if feed.is_table else (),
        rows=tuple(found[:rows]),
        problems=tuple(problems[:_PROBLEMS]),
        read=min(len(found), _LOOKED_AT),
        is_whole=len(found) <= _LOOKED_AT,
    )


def _column(feed: Feed, field: str, columns: tuple[str, ...]) -> str:
    """The column that a field is taken from."""
    own = feed.columns.get(field)
    usual = (normalized(own),) if own else NAMES[field]
    return next((name for name in usual if name in columns), "")
