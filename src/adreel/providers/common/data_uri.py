"""data: URIs: small images inside an order, and outputs inside an answer."""

from __future__ import annotations

import base64
import binascii
import os
import uuid
from pathlib import Path

from adreel.domain.errors import RefusedError, StorageError

_LARGEST = 64 * 1024 * 1024
"""Characters of an output that comes inside an answer."""


def data_uri(content: bytes, kind: str) -> str:
    """The content as an address; `kind` is its media type."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def is_data_uri(url: str) -> bool:
    return url[:5].lower() == "data:"


def decode(url: str) -> bytes:
    """The content of a data: URI. Raises RefusedError when it is too large or broken."""
    head, comma, text = url.partition(",")
    if len(text) > _LARGEST:
        raise RefusedError(f"the provider's answer holds a file of more than {_LARGEST // 1024 // 1024} MiB")
    if not comma or not head.lower().endswith(";base64"):
        raise RefusedError("the provider's answer holds a file that is not in base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError("the provider's answer holds a broken file") from error


def keep(url: str, path: Path) -> None:
    """Writes the content to `path`: the whole file or none. Raises RefusedError, or StorageError."""
    content = decode(url)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
