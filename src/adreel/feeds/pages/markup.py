"""Collects the structured data of a page: JSON-LD, microdata, OpenGraph. Never raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adreel.feeds.pages.tokens import End, Start, tokens

_VOID = frozenset(
    ["meta", "link", "img", "br", "hr", "input", "source", "area", "base", "col", "embed", "track", "wbr"]
)
_MOST_ELEMENTS = 256
"""Open elements that are followed; deeper ones are text."""
_MOST_TARGETS = 20
"""Properties within each other that get the same text."""
_MOST_SCRIPTS = 50
_LONGEST_TEXT = 20_000
_MOST_VALUES = 500

Microdata = dict[str, Any]
"""Properties by name, each a list; ``@type`` is the type's name."""


@dataclass(slots=True)
class _Open:
    """An open element: the item that it begins, or the property that its text is the value of."""

    tag: str
    item: Microdata | None = None
    target: tuple[Microdata, str] | None = None
    text: list[str] = field(default_factory=list[str])
    size: int = 0

    def add(self, text: str) -> None:
        if self.target is not None and self.size < _LONGEST_TEXT:
            self.text.append(text[:_LONGEST_TEXT])
            self.size += len(text)


class PageData:
    """What a page says about itself, once it is read: `json_ld` as texts, `items` of microdata, `meta` by property, `base`."""

    def __init__(self) -> None:
        self.json_ld: list[str] = []
        self.items: list[Microdata] = []
        self.meta: dict[str, list[str]] = {}
        self.base: str | None = None
        self.canonical: str | None = None
        self.title = ""
        self._reading: str | None = None
        self._buffer: list[str] = []
        self._open: list[_Open] = []
        self._targets: list[_Open] = []
        """Those of them whose text is the value of a property."""

    def read(self, markup: str) -> None:
        """Reads a whole page."""
        for token in tokens(markup):
            if isinstance(token, str):
                self._text(token)
            elif isinstance(token, End):
                self._end(token.tag)
            else:
                self._start(token)

    def _start(self, start: Start) -> None:
        tag, values = start.tag, start.attributes
        self._begin_text(tag, values)
        self._note(tag, values)
        item = _new_item(values)
        target = self._microdata(tag, values, item)
        if tag in _VOID or len(self._open) >= _MOST_ELEMENTS:
            return
        element = _Open(tag, item, target)
        self._open.append(element)
        if target is not None:
            self._targets.append(element)
        if start.is_closed:
            self._end(tag)

    def _end(self, tag: str) -> None:
        if self._reading and tag in ("script", "title"):
            self._end_text()
        place = next((place for place in reversed(range(len(self._open))) if self._open[place].tag == tag), None)
        if place is None:
            return
        closed = self._open[place:]
        del self._open[place:]
        for item, name, text in [(*each.target, each.text) for each in closed if each.target is not None]:
            item.setdefault(name, []).append(" ".join("".join(text).split()))
            self._targets.pop()

    def _text(self, data: str) -> None:
        if self._reading:
            self._buffer.append(data)
        for element in self._targets[-_MOST_TARGETS:]:
            element.add(data)

    def _begin_text(self, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "").partition(";")[0].strip().lower()
        if tag == "script" and kind == "application/ld+json" and len(self.json_ld) < _MOST_SCRIPTS:
            self._reading, self._buffer = "json-ld", []
        elif tag == "title" and not self.title:
            self._reading, self._buffer = "title", []

    def _end_text(self) -> None:
        text = "".join(self._buffer)
        if self._reading == "json-ld":
            self.json_ld.append(text)
        else:
            self.title = text.strip()
        self._reading = None

    def _note(self, tag: str, values: dict[str, str]) -> None:
        if tag == "meta" and "content" in values:
            name = (values.get("property") or values.get("name") or "").lower()
            if name and len(self.meta) < _MOST_VALUES:
                self.meta.setdefault(name, []).append(values["content"])
        elif tag == "base" and "href" in values:
            self.base = self.base or values["href"]
        elif tag == "link" and values.get("rel", "").lower() == "canonical":
            self.canonical = self.canonical or values.get("href")

    def _microdata(self, tag: str, values: dict[str, str], item: Microdata | None) -> tuple[Microdata, str] | None:
        """Adds a property to the innermost item; returns the property whose value is the element's text, if so."""
        owner = next((element.item for element in reversed(self._open) if element.item is not None), None)
        name = next(iter(values.get("itemprop", "").split()), "")
        if owner is None or not name:
            if item is not None and len(self.items) < _MOST_VALUES:
                self.items.append(item)
            return None
        value = item if item is not None else _attribute(tag, values)
        if value is None:
            return owner, name
        if len(owner.setdefault(name, [])) < _MOST_VALUES:
            owner[name].append(value)
        return None


def _new_item(values: dict[str, str]) -> Microdata | None:
    if "itemscope" not in values:
        return None
    return {"@type": values.get("itemtype", "").rstrip("/").rpartition("/")[2]}


def _attribute(tag: str, values: dict[str, str]) -> str | None:
    """The attribute that has the value of a property; None where it is the element's text."""
    if "content" in values:
        return values["content"]
    if tag == "img":
        # Pictures that are loaded late have a placeholder for their source.
        return next((values[name] for name in ("data-src", "data-original", "src") if values.get(name)), "")
    if tag in ("a", "link", "area"):
        return values.get("href", "")
    if tag in ("source", "video", "audio", "embed", "iframe"):
        return values.get("src", "")
    if tag == "time":
        return values.get("datetime")
    return values.get("value", "") if tag in ("data", "meter") else "" if tag == "meta" else None
