"""Collects the structured data of a page by Python's tolerant HTML parser: JSON-LD, microdata, OpenGraph. Never raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = frozenset(
    ["meta", "link", "img", "br", "hr", "input", "source", "area", "base", "col", "embed", "track", "wbr"]
)
_MOST_ELEMENTS = 400
"""Open elements that are followed; deeper ones are text."""
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


class PageData(HTMLParser):
    """What a page says about itself, once it is fed: `json_ld` as texts, `items` of microdata, `meta` by property, `base`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.json_ld: list[str] = []
        self.items: list[Microdata] = []
        self.meta: dict[str, list[str]] = {}
        self.base: str | None = None
        self.canonical: str | None = None
        self.title = ""
        self._reading: str | None = None
        self._buffer: list[str] = []
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._begin_text(tag, values)
        self._note(tag, values)
        item = _new_item(values)
        target = self._microdata(tag, values, item)
        if tag not in _VOID and len(self._open) < _MOST_ELEMENTS:
            self._open.append(_Open(tag, item, target))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._reading and tag in ("script", "title"):
            self._end_text()
        place = next((place for place in reversed(range(len(self._open))) if self._open[place].tag == tag), None)
        if place is None:
            return
        for element in self._open[place:]:
            if element.target is not None:
                item, name = element.target
                item.setdefault(name, []).append(" ".join("".join(element.text).split()))
        del self._open[place:]

    def handle_data(self, data: str) -> None:
        if self._reading:
            self._buffer.append(data)
        for element in self._open:
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
