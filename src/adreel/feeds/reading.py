"""Reads the products of a feed of any kind, one after the other; a row carries its problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from adreel.domain.errors import InputError
from adreel.domain.machine_faults import fault_or
from adreel.feeds.fields import FieldNames
from adreel.feeds.merchant import read_merchant
from adreel.feeds.pages.page import read_page_file
from adreel.feeds.product import FeedRow, Problem
from adreel.feeds.raw import RawRow
from adreel.feeds.shopify import read_shopify
from adreel.feeds.tables import read_csv, read_xlsx
from adreel.feeds.understanding import Understanding

MOST_ROWS = 100_000
_HEAD_BYTES = 4096


class TooManyRowsError(InputError):
    """A feed has more rows than `Feed.most_rows`, with or without ids."""


class FeedKind(StrEnum):
    TABLE = "table"
    WORKBOOK = "workbook"
    MERCHANT = "merchant"
    SHOPIFY = "shopify"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in files of this machine: one, or the pages of a Shopify shop. `folder` is where its paths of photos begin.

    `url` is where it came from, None for a file of the user's own. `columns` and `currency` as of `Understanding`.
    `rows` reads no more than `most_rows`.
    """

    paths: tuple[Path, ...]
    folder: Path
    url: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str | None = None
    most_rows: int = MOST_ROWS

    @property
    def kind(self) -> FeedKind:
        return kind_of(self.paths[0])

    @property
    def is_table(self) -> bool:
        return self.kind in (FeedKind.TABLE, FeedKind.WORKBOOK)

    def first_row(self) -> RawRow | None:
        """The first row as it stands, None without any. Raises InputError for a file that is no feed."""
        return next(self._raw_rows(), None)

    def rows(self) -> Iterator[FeedRow]:
        """Yields the rows; memory grows with the number of ids only. A second row with the same id has an error.

        Raises InputError for a file that is no feed, an unknown field in `columns`, and TooManyRowsError.
        """
        understanding = Understanding(FieldNames(self.columns), self.currency, self.url)
        seen: dict[str, int] = {}
        for count, raw in enumerate(self._checked(understanding.names)):
            if count >= self.most_rows:
                raise TooManyRowsError(f"{self.paths[0]} has more than {self.most_rows} rows; divide it")
            yield _once(understanding.read(raw), seen)

    def _checked(self, names: FieldNames) -> Iterator[RawRow]:
        """The rows; a table without the columns that products need is refused by its first row, not by each."""
        is_table = self.is_table
        for number, raw in enumerate(self._raw_rows()):
            missing = names.missing(raw) if is_table and number == 0 and raw.fields else ()
            if missing:
                there = ", ".join(list(raw.fields)[:20])[:200]
                raise InputError(
                    f"{self.paths[0]} has no column for {', '.join(missing)}; its columns are {there}: say which one it is"
                )
            yield raw

    def _raw_rows(self) -> Iterator[RawRow]:
        first = 1
        for path in self.paths:
            kind = self.kind if len(self.paths) == 1 else FeedKind.SHOPIFY
            for raw in _read(kind, path, self.url, first):
                yield raw
                first += 1


def _read(kind: FeedKind, path: Path, url: str | None, first: int) -> Iterator[RawRow]:
    if kind is FeedKind.TABLE:
        return read_csv(path)
    if kind is FeedKind.WORKBOOK:
        return read_xlsx(path)
    if kind is FeedKind.MERCHANT:
        return read_merchant(path)
    return read_shopify(path, first) if kind is FeedKind.SHOPIFY else iter([read_page_file(path, url)])


def kind_of(path: Path) -> FeedKind:
    """Tells the kind of a feed by how its file begins, never by its name. Raises InputError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error
    if head.startswith(b"PK\x03\x04"):
        return FeedKind.WORKBOOK
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n").casefold()
    if text.startswith(("{", "[")):
        return FeedKind.SHOPIFY
    if text.startswith("<"):
        is_feed = any(f"<{name}" in text for name in ("rss", "feed", "rdf:rdf", "channel", "products"))
        return FeedKind.MERCHANT if is_feed or (text.startswith("<?xml") and "<html" not in text) else FeedKind.PAGE
    return FeedKind.TABLE


def _once(row: FeedRow, seen: dict[str, int]) -> FeedRow:
    """The row, with an error if an earlier one has its id. Case does not count: ids become names of files."""
    if not row.id:
        return row
    first = seen.setdefault(row.id.casefold(), row.row)
    if first == row.row:
        return row
    problem = Problem(row.row, row.id, "id", f"{row.id!r} is the id of row {first} too")
    return replace(row, product=None, problems=(*row.problems, problem))
