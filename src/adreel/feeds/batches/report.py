"""The report of a batch as one page of HTML: a contact sheet of the films, and a table of the problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2

from adreel.feeds.batches.manifest import FilmRecord, Manifest
from adreel.feeds.batches.names import STILLS
from adreel.feeds.batches.problems import read_problems
from adreel.feeds.batches.summary import BatchResult
from adreel.services.storage.atomic import whole_file

NAME = "report.html"


@dataclass(frozen=True, slots=True)
class _Card:
    """A film on the sheet; addresses count from the batch's folder."""

    record: FilmRecord
    film: str
    still: str
    is_made: bool


def write_report(manifest: Manifest, out: Path, result: BatchResult) -> Path:
    """Writes the report of a run that has ended, piece by piece. Returns its path."""
    path = out / NAME
    pieces = _template().generate(
        summary=result.summary, made=len(result.made), films=_cards(manifest, result), problems=read_problems(out)
    )
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    return path


def _cards(manifest: Manifest, result: BatchResult) -> Iterator[_Card]:
    for record in manifest.records():
        still = f"{STILLS}/{Path(record.film).stem}.webp"
        yield _Card(record, quote(record.film), quote(still), Path(record.film).stem in result.made)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("adreel.feeds.batches", "templates")
    # Titles and messages are the feed's: they are shown as text.
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "report.html"
    )
