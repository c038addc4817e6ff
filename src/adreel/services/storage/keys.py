"""Keys of stored files: generated (``sessions/<id>/clips/<id>.mp4``), never a user's text, with a suffix for the type."""

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
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".ttc": "font/collection",
    ".json": "application/json",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""No leading dot: neither a parent folder (``..``) nor the name of a file that is being written."""

_KEY = re.compile(rf"{_PART}(?:/{_PART})*")


def is_key(text: str) -> bool:
    """True for relative names of letters, digits, ``._-`` in folders parted by ``/``, none of which starts with a dot."""
    return len(text) <= MAX_KEY and _KEY.fullmatch(text) is not None


def check_key(key: str) -> str:
    """Returns `key`. Raises StorageError for an invalid one, see `is_key`."""
    if not is_key(key):
        raise StorageError(f"{key!r} cannot be the key of a stored file", retryable=False)
    return key


def check_prefix(prefix: str) -> str:
    """Returns `prefix` with one trailing slash, so that ``sessions/1`` never matches ``sessions/10``. Raises StorageError."""
    return f"{check_key(prefix.removesuffix('/'))}/"


def key_below(base: str, url: str) -> str | None:
    """The key in a URL that begins with `base`, without the query (as of a signed link). None for other URLs."""
    key = url.partition("?")[0].removeprefix(f"{base}/")
    return key if url.startswith(f"{base}/") and is_key(key) else None


def type_of(key: str) -> str:
    """The content type that the key's suffix stands for."""
    return _TYPES.get(PurePosixPath(key).suffix, OTHER_TYPE)


def suffix_of(content_type: str) -> str:
    """The suffix of keys of this type: the first that stands for it, empty for unknown types."""
    return next((suffix for suffix, name in _TYPES.items() if name == content_type), "")


def check_type(key: str, content_type: str) -> None:
    """Raises StorageError when the key's suffix stands for another type: a folder stores no type beside the file."""
    if content_type != type_of(key):
        raise StorageError(f"{key} would be {type_of(key)}, but {content_type} was given", retryable=False)
