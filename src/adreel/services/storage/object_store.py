"""The port of stores of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One stored file. `size` in bytes."""

    key: str
    size: int
    content_type: str


class ObjectStore(Protocol):
    """Stores whole files under keys (see `keys`). Every method raises StorageError, also for an invalid key.

    Writes are atomic: a reader gets the old file, the new one or none, never a partial one.
    """

    async def put(self, path: Path, key: str, content_type: str, *, move: bool = False) -> StoredObject:
        """Stores the file at `path`, replacing an existing one. With `move` the file at `path` is removed."""
        ...

    async def fetch(self, key: str, path: Path) -> None:
        """Writes the stored file to `path`, whole and of the right length, or leaves `path` unchanged."""
        ...

    async def stat(self, key: str) -> StoredObject | None:
        """The stored file of `key`, or None."""
        ...

    async def delete(self, key: str) -> None:
        """Removes the file; no error when there is none."""
        ...

    async def delete_prefix(self, prefix: str) -> int:
        """Removes every file below a folder of keys (``sessions/<id>``); returns their number."""
        ...

    def url(self, key: str) -> str:
        """The permanent name of the file. Grants no access: see `link`."""
        ...

    def key_of(self, url: str) -> str | None:
        """The key in a URL of this store; None for any other URL."""
        ...

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A URL by which anyone may read the file for `seconds`; None when the store cannot make such links.

        `disposition` is the Content-Disposition of the response.
        """
        ...

    def local_path(self, key: str) -> Path | None:
        """The path of the file on this machine (which need not exist), to be read only; None for a remote store."""
        ...

    async def check(self) -> None:
        """Raises StorageError, which says what to do, when files cannot be stored."""
        ...

    async def close(self) -> None:
        """Closes connections and threads. The store cannot be used afterwards."""
        ...
