"""Detects faults of the machine: a full disk, a quota, too many open files, a read-only file system.

A clip that cannot be written is not a bad clip. These errors must never count as a fault of a photo or of a paid clip, which
would be discarded and bought again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from adreel.domain.errors import AdreelError, NoSpaceError, StorageError

_FULL: Mapping[int, str] = {
    errno.ENOSPC: "the disk is full, or has no room for more files; make room there",
    errno.EDQUOT: "the quota on this disk is used up; make room there or raise the quota",
}
_OTHER: Mapping[int, str] = {
    errno.EROFS: "the file system is read-only; make it writable",
    errno.EMFILE: "this process has too many files open; raise its limit of open files",
    errno.ENFILE: "too many files are open on this machine; raise its limit of open files",
}


def machine_fault(error: BaseException, place: Path | None = None) -> StorageError | None:
    """Returns the error to raise instead if `error` or one of its causes is a fault of the machine; else None.

    The message names `place` if the system does not report the file.
    """
    for cause in _causes(error):
        if isinstance(cause, NoSpaceError):
            return cause
        number: object = getattr(cause, "errno", None)
        if not isinstance(number, int):
            continue
        if number in _FULL or number in _OTHER:
            named = getattr(cause, "filename", None)
            return _fault(number, place or (Path(named) if isinstance(named, str) else None))
    return None


@contextmanager
def machine_faults(place: Path | None = None) -> Generator[None]:
    """Converts faults of the machine raised within the block; all other errors pass unchanged."""
    try:
        yield
    except Exception as error:
        fault = machine_fault(error, place)
        if fault is None or fault is error:
            raise
        raise fault from error


def fault_in_words(text: str, place: Path | None = None) -> StorageError | None:
    """Like `machine_fault`, for the error output of a program that was run in the C locale."""
    number = next((number for number in (*_FULL, *_OTHER) if os.strerror(number) in text), None)
    return None if number is None else _fault(number, place)


def fault_or(error: BaseException, place: Path | None, otherwise: AdreelError) -> AdreelError:
    """Returns the fault of the machine behind `error`, if there is one, else `otherwise`."""
    return machine_fault(error, place) or otherwise


def _fault(number: int, place: Path | None) -> StorageError:
    where = f"cannot write to {place}" if place else "cannot write"
    if number in _FULL:
        return NoSpaceError(f"{where}: {_FULL[number]}", folder=None if place is None else str(place))
    return StorageError(f"{where}: {_OTHER[number]}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
