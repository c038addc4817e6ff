"""Names of stored files. Keys are ours (``sessions/<id>/clips/<id>.mp4``), never a person's text, and say their type."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from adreel.domain.errors import StorageError

OTHER_TYPE = "application/octet-stream"
MAX_KEY = 512

_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".avif": "image/avif",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".json": "application/json",
}
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""No leading dot: neither a way up (``..``) nor the name of a file that is still being written."""

_KEY = re.compile(rf"{_PART}(?:/{_PART})*")


def is_key(text: str) -> bool:
    """True for relative names of letters, digits, ``._-`` in folders parted by ``/``, none of which starts with a dot."""
    return len(text) <= MAX_KEY and _KEY.fullmatch(text) is not None


def check_key(key: str) -> str:
    """`key`. Raises StorageError for what `is_key` refuses."""
    if not is_key(key):
        raise StorageError(f"{key!r} cannot be the key of a stored file", retryable=False)
    return key


def check_prefix(prefix: str) -> str:
    """`prefix` with one slash at its end, so that ``sessions/1`` never means ``sessions/10`` too. Raises StorageError."""
    return f"{check_key(prefix.removesuffix('/'))}/"


def key_below(base: str, url: str) -> str | None:
    """The key in a URL that begins with `base`; a query (as of a signed link) counts for nothing. None for other URLs."""
    key = url.partition("?")[0].removeprefix(f"{base}/")
    return key if url.startswith(f"{base}/") and is_key(key) else None


def type_of(key: str) -> str:
    """The content type that the key's suffix stands for."""
    return _TYPES.get(PurePosixPath(key).suffix, OTHER_TYPE)


def suffix_of(content_type: str) -> str:
    """The suffix of keys of this type: the first that stands for it, none for types that adreel does not know."""
    return next((suffix for suffix, name in _TYPES.items() if name == content_type), "")


def check_type(key: str, content_type: str) -> None:
    """Raises StorageError when the key's suffix says another type: a folder keeps no type beside the file."""
    if content_type != type_of(key):
        raise StorageError(f"{key} would be {type_of(key)}, but {content_type} was given", retryable=False)
