"""Folders of photos: finds the photos in them, and the files that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import PhotoError
from adreel.domain.machine_faults import fault_or

_HEAD_BYTES = 32
_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
"""Major brands of HEIC and AVIF photos (ISO/IEC 23008-12); videos have others."""

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class FoundPhotos:
    """Photos in playing order; `notes` name the files of folders that are no photos and were skipped."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def find_photos(given: Iterable[Path]) -> FoundPhotos:
    """Replaces each folder by the photos in it, in the order of their names, 2 before 10. A file is taken as it is.

    Folders within a folder and hidden files are ignored. Raises PhotoError for a folder that has no photos or cannot be read.
    """
    paths: list[Path] = []
    notes: list[str] = []
    for path in given:
        if _is_folder(path):
            photos, strays = _split(path)
            paths += photos
            notes += [f"{stray} is not a photo and was skipped" for stray in strays]
        else:
            paths.append(path)
    return FoundPhotos(tuple(paths), tuple(notes))


def _split(folder: Path) -> tuple[list[Path], list[Path]]:
    """The photos and the other files of a folder."""
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        photos = [path for path in files if _is_photo(path)]
    except OSError as error:
        raise fault_or(error, folder, PhotoError(f"{folder} cannot be read: {error.strerror}")) from error
    if not photos:
        raise PhotoError(f"{folder} has no photos in it: name a folder of JPEG, PNG, WebP, AVIF or HEIC files")
    return sorted(photos, key=_place), sorted(set(files) - set(photos), key=_place)


def _is_folder(path: Path) -> bool:
    """False also for a name that cannot be one: reading it says why."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_photo(path: Path) -> bool:
    """Whether a file begins as a photo does. A damaged photo is one: it is refused by name later, not skipped."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith((b"\xff\xd8", b"\x89PNG\r\n\x1a\n")):
        return True
    return (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or (head[4:8] == b"ftyp" and head[8:12] in _BRANDS)


def _place(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sorts names as people do: numbers by their value, letters without regard to case."""
    parts = _NUMBERS.split(path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name
