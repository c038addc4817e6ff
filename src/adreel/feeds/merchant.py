"""Reads Google Merchant feeds in XML, RSS or Atom, by expat itself: piece by piece, without entities, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from adreel.domain.errors import InputError
from adreel.domain.machine_faults import fault_or
from adreel.feeds.raw import LONGEST_VALUE, MOST_FIELDS, RawRow, normalized

_CHUNK = 64 * 1024
_DEEPEST = 60
_ITEMS = ("item", "entry")
_PREFIX = "g:"


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the feed. `end` is the place of its closing tag in the file, in bytes."""

    raw: RawRow
    end: int


class RefusedError(Exception):
    """The feed has what no feed needs."""


@dataclass(slots=True)
class _Parser:
    """Collects the items of what has been parsed. Elements below those of an item count for details and links only."""

    items: list[Item] = field(default_factory=list[Item])
    path: list[str] = field(default_factory=list[str])
    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    texts: list[list[str]] = field(default_factory=list[list[str]])
    inside: int = 0
    kept: int = 0
    count: int = 0
    position: Any = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= _DEEPEST:
            raise RefusedError(f"elements are nested more than {_DEEPEST} deep")
        self.path.append(name)
        self.texts.append([])
        if not self.inside and name.rpartition(":")[2] in _ITEMS:
            self.inside, self.values, self.kept = len(self.path), {}, 0
        elif (
            self.inside
            and name == "link"
            and attributes.get("rel", "alternate") == "alternate"
            and "href" in attributes
        ):
            self._put(name, attributes["href"])

    def text(self, text: str) -> None:
        if self.inside and self.texts and sum(map(len, self.texts[-1])) < LONGEST_VALUE:
            self.texts[-1].append(text)

    def end(self, name: str) -> None:
        text, depth = "".join(self.texts.pop()), len(self.path) - self.inside
        self.path.pop()
        if not self.inside:
            return
        if depth == 0:
            self._finish()
        elif depth == 1:
            self._put(name, text)
        elif normalized(name) == "attribute_value":
            self._put(f"{_PREFIX}detail", text)

    def _put(self, name: str, text: str) -> None:
        if text.strip() and self.kept < MOST_FIELDS:
            self.values.setdefault(name, []).append(text)
            self.kept += 1

    def _finish(self) -> None:
        """The fields with Google's prefix come before those of RSS and Atom of the same name."""
        self.count += 1
        fields: dict[str, tuple[str, ...]] = {}
        for name in sorted(self.values, key=lambda name: not name.startswith(_PREFIX)):
            fields.setdefault(normalized(name.rpartition(":")[2]), tuple(self.values[name]))
        self.items.append(Item(RawRow(self.count, fields), self.position()))
        self.inside = 0


def read_merchant(path: Path) -> Iterator[RawRow]:
    """Yields the products of a feed, 1 is the first. XML that breaks off ends the feed early, with what came before it.

    Raises InputError for a file that cannot be read.
    """
    return (item.raw for item in read_items(path))


def read_items(path: Path) -> Iterator[Item]:
    """Yields the products with their places in the file."""
    state, parser = _Parser(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = state.start, state.end
    parser.CharacterDataHandler = state.text
    state.position = lambda: parser.CurrentByteIndex
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
                yield from _taken(state)
            parser.Parse(b"", True)
    except (expat.ExpatError, RefusedError) as error:
        yield from _taken(state)
        fault = f"the XML cannot be read from here on: {error}"
        yield Item(RawRow(state.count + 1, fault=fault, ends_early=True), 0)
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error


def _taken(state: _Parser) -> list[Item]:
    items, state.items = state.items, []
    return items


def _refuse_doctype(*_: object) -> None:
    raise RefusedError("it declares a document type, which no product feed needs")
