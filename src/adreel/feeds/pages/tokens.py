"""Divides the markup of a page into tags and texts, in time that grows with its length only, however broken it is.

Python's `html.parser` takes time that grows with the square: 60 kB of unclosed tags hold it up for half a minute.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_TAGS = 150_000
"""Tags of a page that are read; pages of 4 MB have about half as many."""
_LONGEST_TAG = 20_000
_RAW = frozenset({"script", "style", "textarea", "title", "noscript", "iframe", "xmp"})
"""Elements whose content is text, whatever it looks like."""
_START = re.compile(r"""<([a-zA-Z][^\s/<>]*)((?:[^<>"']|"[^"]*"|'[^']*')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""")
_END = re.compile(r"</([a-zA-Z][^\s/<>]*)[^<>]*>")
_ESCAPED = frozenset({"textarea", "title"})
"""Those of them whose text has character references."""


@dataclass(frozen=True, slots=True)
class Start:
    """An element begins; the first of attributes with the same name counts. Names in lower case."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class End:
    tag: str


Token = Start | End | str


def tokens(markup: str) -> Iterator[Token]:
    """Yields tags, and the texts between them with character references read. Never raises."""
    place, text = 0, 0
    for _ in range(MOST_TAGS):
        place = markup.find("<", place)
        if place < 0:
            break
        after, found = _at(markup, place)
        if after == place:
            place += 1
            continue
        if text < place:
            yield html.unescape(markup[text:place])
        yield from found
        place = text = after
    else:
        return
    if text < len(markup):
        yield html.unescape(markup[text:])


def _at(markup: str, place: int) -> tuple[int, tuple[Token, ...]]:
    """What begins with the "<" at `place`, and where it ends: at `place` itself if it is no tag."""
    if markup.startswith("<!--", place):
        return _after(markup, "-->", place + 4), ()
    if markup.startswith(("<!", "<?"), place):
        return _after(markup, ">", place), ()
    if end := _END.match(markup, place, place + _LONGEST_TAG):
        return end.end(), (End(end[1].lower()),)
    start = _START.match(markup, place, place + _LONGEST_TAG)
    if start is None:
        return place, ()
    element = Start(start[1].lower(), _attributes(start[2]), start[2].endswith("/"))
    if element.tag not in _RAW or element.is_closed:
        return start.end(), (element,)
    return _raw(markup, element, start.end())


def _raw(markup: str, element: Start, begin: int) -> tuple[int, tuple[Token, ...]]:
    """An element whose content is text, up to its closing tag or the end of the page."""
    closing = re.compile(rf"</{element.tag}(?=[\s/>])[^<>]*>", re.IGNORECASE).search(markup, begin)
    end, after = (closing.start(), closing.end()) if closing else (len(markup), len(markup))
    content = markup[begin:end]
    return after, (element, html.unescape(content) if element.tag in _ESCAPED else content, End(element.tag))


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(text):
        found.setdefault(each[1].lower(), html.unescape(each[2] or each[3] or each[4] or ""))
    return found


def _after(markup: str, mark: str, place: int) -> int:
    """The place after the next `mark`; the end of the page without one."""
    found = markup.find(mark, place)
    return len(markup) if found < 0 else found + len(mark)
