"""The state of a batch: one line of JSON for each film that is finished, on the disk before the next is begun.

Later lines replace earlier ones of the same product. A line that a kill cut off is dropped. Only places of lines are in memory.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from adreel.domain.errors import ConflictError, InputError
from adreel.feeds.photos import PhotoState
from adreel.services.storage.atomic import whole_file

NAME = "manifest.jsonl"
_FORMAT = {"format": "adreel batch", "version": 1}


FilmKey = tuple[str, str]
"""The product's id and the name of the placement, or ""."""


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """A finished film. `film` is its path from the batch's folder, `sha256` and `size` (bytes) are the file's.

    `script` is the hash of everything that the film says and how; `links` are the photos of the product, `photos` those that
    could be had. `seconds` is its length, `took` the time of making. `title` and `verdict` are for people. `is_gone`: the product
    left the feed. `placement` is the name of the placement that it was made for, "" for none.
    """

    id: str
    film: str
    sha256: str
    size: int
    script: str
    links: tuple[str, ...]
    photos: tuple[PhotoState, ...]
    seconds: float
    took: float
    title: str = ""
    verdict: str = ""
    notes: tuple[str, ...] = ()
    is_gone: bool = False
    placement: str = ""

    @property
    def key(self) -> FilmKey:
        return self.id, self.placement


class Manifest:
    """The manifest in a folder. Opened by `open_manifest`, by one process at a time."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._places: dict[FilmKey, int] = {}
        # Films are planned in a thread while others are finished.
        self._lock = threading.Lock()
        self._load()

    def __len__(self) -> int:
        return len(self._places)

    def find(self, product_id: str, placement: str = "") -> FilmRecord | None:
        place = self._places.get((product_id, placement))
        return None if place is None else self._at(place)

    def records(self) -> Iterator[FilmRecord]:
        """Yields all films, in the order in which they were made first."""
        for place in list(self._places.values()):
            yield self._at(place)

    def put(self, record: FilmRecord) -> None:
        """Adds or replaces a film; when it returns, it is on the disk."""
        with self._lock:
            place = self._file.seek(0, os.SEEK_END)
            self._file.write(_line(record))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._places[record.key] = place

    def remove(self, record: FilmRecord) -> None:
        """Forgets a film, on the disk once the manifest is tidied."""
        self._places.pop(record.key, None)

    def tidied(self) -> None:
        """Writes the manifest anew, without replaced lines."""
        with whole_file(self._path) as temporary, temporary.open("wb") as file:
            file.write(_json(_FORMAT))
            for record in self.records():
                file.write(_line(record))
            file.flush()
            os.fsync(file.fileno())

    def _at(self, place: int) -> FilmRecord:
        with self._lock:
            self._file.seek(place)
            line = self._file.readline()
        return _read(line)

    def _load(self) -> None:
        first = self._file.readline()
        if not first:
            self._file.write(_json(_FORMAT))
            self._file.flush()
            return
        _check_format(first, self._path)
        place = self._file.tell()
        while line := self._file.readline():
            try:
                self._places[_read(line).key] = place
            except (ValueError, TypeError, KeyError):
                if line.endswith(b"\n"):
                    raise InputError(f"{self._path} is damaged in the line at byte {place}; move it away") from None
                self._file.truncate(place)
                return
            place = self._file.tell()


@contextmanager
def open_manifest(folder: Path) -> Generator[Manifest]:
    """Opens the manifest of a batch's folder, which is created. Raises ConflictError while another process works in it,
    InputError for a manifest of another program."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    with (folder / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConflictError(
                f"another batch is at work in {folder}; wait for its end or choose another folder"
            ) from error
        path.touch()
        with path.open("r+b") as file:
            yield Manifest(path, file)


def _check_format(line: bytes, path: Path) -> None:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if found != _FORMAT:
        raise InputError(f"{path} is not the manifest of a batch that this adreel can read; choose another folder")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _line(record: FilmRecord) -> bytes:
    return _json(asdict(record))


def _read(line: bytes) -> FilmRecord:
    record = FilmRecord(**json.loads(line))
    photos = tuple(PhotoState(**photo) for photo in record.photos)  # pyright: ignore[reportCallIssue]
    return replace(record, links=tuple(record.links), photos=photos, notes=tuple(record.notes))
