"""The feed with the addresses of its films: rows of tables and items of XML as they were, with one field more."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

from adreel.domain.errors import InputError
from adreel.feeds.batches.manifest import FilmRecord, Manifest
from adreel.feeds.fields import FieldNames
from adreel.feeds.merchant import read_items
from adreel.feeds.raw import RawRow, normalized
from adreel.feeds.reading import Feed, FeedKind
from adreel.feeds.tables import delimiter_of, encoding_of
from adreel.feeds.values import plain_text
from adreel.services.storage.atomic import whole_file

GOOGLE, META = "video_link", "video[0].url"
"""The names of the field in product data of Google and in catalogues of Meta."""
SUPPLEMENT = "videos.tsv"
_NAMESPACE = "http://base.google.com/ns/1.0"
_CHUNK = 1024 * 1024


def video_url(base_url: str, record: FilmRecord) -> str:
    """The address of a film below `base_url`."""
    return f"{base_url.rstrip('/')}/{quote(record.film)}"


def check_base_url(base_url: str) -> None:
    if not base_url.startswith("https://") or not base_url.isascii() or any(map(str.isspace, base_url)):
        raise InputError(f"{base_url!r} is not an https address, which the platforms need to fetch films")


def write_links(feed: Feed, manifest: Manifest, out: Path, base_url: str, placement: str = "") -> tuple[Path, ...]:
    """Writes a table of ids and addresses, and the feed itself with a field for them where it is a table or XML.

    Returns the files. The films are those for a placement. Films of products that left the feed are not in them.
    """
    return write_video_links(feed, _Links(manifest, base_url, placement), out)


class VideoLinks(Protocol):
    """The addresses of films by the ids of their products."""

    def of(self, product_id: str) -> str:
        """The address, "" without a film."""
        ...

    def all(self) -> Iterator[tuple[str, str]]: ...


def write_video_links(feed: Feed, links: VideoLinks, out: Path) -> tuple[Path, ...]:
    """As `write_links`, with addresses of any kind. The table of ids and addresses is the first file."""
    files = [_supplement(links, out / SUPPLEMENT)]
    names = FieldNames(feed.columns)
    if feed.kind is FeedKind.TABLE:
        mark = ".tsv" if delimiter_of(_head(feed.paths[0])) == "\t" else ".csv"
        files.append(_table(feed.paths[0], links, names, out / f"feed{mark}"))
    elif feed.kind is FeedKind.MERCHANT and encoding_of(feed.paths[0]) != "utf-16":
        files.append(_xml(feed.paths[0], links, names, out / "feed.xml"))
    return tuple(files)


class _Links:
    def __init__(self, manifest: Manifest, base_url: str, placement: str) -> None:
        self._manifest = manifest
        self._placement = placement
        self._base_url = base_url

    def of(self, product_id: str) -> str:
        record = self._manifest.find(product_id, self._placement)
        return "" if record is None or record.is_gone else video_url(self._base_url, record)

    def all(self) -> Iterator[tuple[str, str]]:
        for record in self._manifest.records():
            if record.placement == self._placement and not record.is_gone:
                yield record.id, video_url(self._base_url, record)


def _supplement(links: VideoLinks, path: Path) -> Path:
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("id", GOOGLE, META))
        for product_id, link in links.all():
            writer.writerow((product_id, link, link))
    return path


def _head(path: Path) -> str:
    with path.open(encoding=encoding_of(path), errors="replace") as file:
        return file.readline(64 * 1024)


def _table(source: Path, links: VideoLinks, names: FieldNames, path: Path) -> Path:
    delimiter = delimiter_of(_head(source))
    with (
        source.open(encoding=encoding_of(source), errors="replace", newline="") as given,
        whole_file(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        reader, writer = csv.reader(given, delimiter=delimiter), csv.writer(file, delimiter=delimiter)
        header = next(reader)
        kept = [place for place, name in enumerate(header) if normalized(name) not in map(normalized, (GOOGLE, META))]
        writer.writerow([*(header[place] for place in kept), GOOGLE, META])
        for line in _readable(reader):
            cells = dict(zip(map(normalized, header), ((cell,) for cell in line), strict=False))
            link = links.of(_id(cells, names))
            writer.writerow([*(line[place] if place < len(line) else "" for place in kept), link, link])
    return path


def _readable(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows that could be read; the others are among the problems of the run."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue


def _id(cells: Mapping[str, tuple[str, ...]], names: FieldNames) -> str:
    return plain_text(names.value(RawRow(0, cells), "id"))


def _xml(source: Path, links: VideoLinks, names: FieldNames, path: Path) -> Path:
    """Copies the file byte by byte, with an element before the end of each item that has a film."""
    with source.open("rb") as given, whole_file(path) as temporary, temporary.open("wb") as file:
        for item in read_items(source):
            link = "" if item.raw.fault or GOOGLE in item.raw.fields else links.of(_id(item.raw.fields, names))
            if link:
                _copy(given, file, item.end - given.tell())
                file.write(f'<{GOOGLE} xmlns="{_NAMESPACE}">{escape(link)}</{GOOGLE}>'.encode())
        while chunk := given.read(_CHUNK):
            file.write(chunk)
    return path


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0 and (chunk := source.read(min(count, _CHUNK))):
        target.write(chunk)
        count -= len(chunk)
