"""The file that a film is delivered to: checked before any work, and named when the film is finished.

A finished film is placed under a name that did not exist at that moment, so that two runs in one folder never take the same.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import StrEnum
from itertools import count
from pathlib import Path

from adreel.domain.errors import InputError, OutputExistsError, StorageError
from adreel.domain.films.film_options import SILENT, SPEAKING, FilmOptions
from adreel.domain.machine_faults import fault_or
from adreel.domain.remedy import Remedy

_SUFFIX = ".mp4"
_MODE = 0o666
"""Permissions of a new file, before the process's umask."""


class Existing(StrEnum):
    """What happens when a file of the film's name exists: an error, its replacement, or the first free of NAME-2, NAME-3, …"""

    REFUSE = "refuse"
    REPLACE = "replace"
    NUMBER = "number"


def check_out(out: Path, existing: Existing = Existing.REFUSE, inputs: Iterable[Path] = ()) -> None:
    """Raises InputError for a path where no film can be written, for one of the film's own `inputs`, and OutputExistsError
    for a file that must not be replaced; StorageError for a disk that is full or read-only.
    """
    if out.suffix.lower() != _SUFFIX:
        raise InputError(f"{out} does not end in {_SUFFIX}, which is what adreel makes")
    check_target(out, existing, inputs)


def check_target(out: Path, existing: Existing = Existing.REFUSE, inputs: Iterable[Path] = ()) -> None:
    """The same for a file of any kind."""
    if _is_folder(out) or not _is_folder(out.absolute().parent):
        raise InputError(f"{out} cannot be written: its folder does not exist, or it is a folder itself")
    own = next((path for path in inputs if _is_same(out, path)), None)
    if own is not None and existing is not Existing.NUMBER:
        raise InputError(f"the film cannot replace {own}, of which it is made: choose another name than {out}")
    if os.path.lexists(out) and existing is not Existing.NUMBER:
        _check_replaceable(out, existing)
    _check_writable(out)


def beside(out: Path) -> Path:
    """A name for a file that becomes `out`, in the same folder."""
    return out.absolute().with_name(f".{uuid.uuid4().hex}.part")


def place(temporary: Path, out: Path, existing: Existing) -> Path:
    """Gives a finished file its name, in the same folder, and returns it.

    Only `Existing.REPLACE` replaces a file; else a name that was taken meanwhile is numbered. Raises StorageError.
    """
    try:
        path = out if existing is Existing.REPLACE else _claimed(out)
        temporary.replace(path)
    except OSError as error:
        raise fault_or(error, out.parent, StorageError(f"{out} cannot be written: {error.strerror}")) from error
    return path


async def written(out: Path, existing: Existing, write: Callable[[Path], Awaitable[object]]) -> Path:
    """Checks `out`, whose folder is created, and writes a file there as `delivered` does. Raises as `check_target` does too."""
    import asyncio  # The command line imports this module for its options.

    await asyncio.to_thread(_prepare, out, existing)
    return await delivered(out, existing, write)


def _prepare(out: Path, existing: Existing) -> None:
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    check_target(out, existing)


async def delivered(out: Path, existing: Existing, write: Callable[[Path], Awaitable[object]]) -> Path:
    """Writes a file by `write`, which gets a temporary path, and returns its path. Raises StorageError."""
    import asyncio

    temporary = beside(out)
    try:
        await write(temporary)
        return await asyncio.to_thread(place, temporary, out, existing)
    finally:
        temporary.unlink(missing_ok=True)


def files_of(film: FilmOptions) -> tuple[Path, ...]:
    """The files that options of a film may name: its music, its font and a recording."""
    voice = film.voice if film.voice not in (SPEAKING, SILENT) else None
    return tuple(Path(name) for name in (film.music, film.font, voice) if name)


def numbered(out: Path) -> Iterator[Path]:
    """Yields NAME.mp4, NAME-2.mp4, NAME-3.mp4, …"""
    yield out
    for number in count(2):
        yield out.with_name(f"{out.stem}-{number}{out.suffix}")


def _claimed(out: Path) -> Path:
    """Creates an empty file under the first free name, which no other process can then take."""
    for path in numbered(out):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable: the names do not end")


def _is_folder(path: Path) -> bool:
    """False also for a name that cannot be one."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_same(out: Path, path: Path) -> bool:
    """Whether both name one file, also through links and on file systems that ignore case."""
    try:
        return out.samefile(path)
    except (OSError, ValueError):
        return False


def _check_replaceable(out: Path, existing: Existing) -> None:
    if existing is Existing.REFUSE:
        taken = f"{out} exists: choose another name, or allow it to be replaced"
        raise OutputExistsError(taken).with_remedy(Remedy.EXISTING_OUTPUT)
    if not out.is_file() and not out.is_symlink():
        raise InputError(f"{out} is not a file that can be replaced: choose another name")


def _check_writable(out: Path) -> None:
    """Creates and removes a file: permissions do not tell whether a network share or a read-only disk takes one."""
    probe = out.with_name(f".{uuid.uuid4().hex}.part") if os.path.lexists(out) else out
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
        probe.unlink()
    except FileExistsError:
        return  # Another run has just taken the name: the film is placed under another.
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        failed = InputError(f"{out} cannot be written: {reason}; choose another name or folder")
        raise fault_or(error, out.parent, failed) from error
