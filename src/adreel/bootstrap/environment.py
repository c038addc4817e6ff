"""Reads variables from the environment and from a file ``.env``, which may be in any encoding and may be another program's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic_settings.sources import read_env_file

from adreel.domain.errors import InputError

ENV_FILE = Path(".env")

_UTF8, _LATIN1 = "utf-8-sig", "latin-1"


def variables(prefix: str, file: Path = ENV_FILE) -> dict[str, str]:
    """Returns the variables that begin with `prefix`, by their names in upper case; those of the environment precede the file's.

    Empty ones are left out: ``NAME=${NAME:-}`` in a compose file and the lines of a copied template mean "not set". Raises
    InputError for a file with variables of ours that cannot be read.
    """
    return {**_file_variables(prefix, file), **_with_prefix(prefix, os.environ.items())}


def _file_variables(prefix: str, file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    try:
        encoding = _encoding(file.read_bytes(), prefix, file)
        values = read_env_file(file, encoding=encoding)
    except OSError as error:
        raise InputError(
            f"{file.absolute()} cannot be read: {error.strerror}; make it readable or remove it"
        ) from error
    return _with_prefix(prefix, [(name, value or "") for name, value in values.items()])


def _with_prefix(prefix: str, items: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.upper(): value for name, value in items if name.upper().startswith(prefix) and value.strip()}


def _encoding(content: bytes, prefix: str, file: Path) -> str:
    """UTF-8, or UTF-16 as PowerShell writes it; else Latin-1 for a file whose variables of ours have ASCII letters only.

    Raises InputError for another file.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(content, "utf-16", file)
    if b"\0" in content[:2]:
        return _checked(content, "utf-16-be" if content[0] == 0 else "utf-16-le", file)
    try:
        content.decode(_UTF8)
    except UnicodeDecodeError:
        return _foreign(content, prefix, file)
    return _UTF8


def _checked(content: bytes, encoding: str, file: Path) -> str:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(file) from error
    return encoding


def _foreign(content: bytes, prefix: str, file: Path) -> str:
    ours = [line for line in content.splitlines() if prefix.encode() in line.upper()]
    if any(not line.isascii() for line in ours):
        raise _unreadable(file)
    return _LATIN1


def _unreadable(file: Path) -> InputError:
    return InputError(f"{file.absolute()} is neither UTF-8 nor UTF-16; save it as UTF-8")
