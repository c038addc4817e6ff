"""The port behind which stored bytes are."""

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
    """Keeps whole files under keys (see `keys`). Every method raises StorageError, also for what cannot be a key.

    Writes are atomic: who reads gets the old file, the new one or none, never a part of one.
    """

    async def put(self, path: Path, key: str, content_type: str, *, move: bool = False) -> StoredObject:
        """Stores the file at `path`, in place of what was there. With `move` the file is given away and gone after."""
        ...

    async def fetch(self, key: str, path: Path) -> None:
        """Writes the stored file to `path`, whole and of the right length, or leaves `path` as it was."""
        ...

    async def stat(self, key: str) -> StoredObject | None:
        """What is stored under `key`; None when nothing is."""
        ...

    async def delete(self, key: str) -> None:
        """Removes the file; no error when there is none."""
        ...

    async def delete_prefix(self, prefix: str) -> int:
        """Removes every file below a folder of keys (``sessions/<id>``) and says how many there were."""
        ...

    def url(self, key: str) -> str:
        """The lasting name of the file. Not a permission: see `link`."""
        ...

    def key_of(self, url: str) -> str | None:
        """The key in a URL of this store; None for any other URL."""
        ...

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A URL by which anyone may read the file for `seconds`; None when the store cannot hand out such links.

        `disposition` is the Content-Disposition that the file comes with.
        """
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the file lies (or would lie) on this machine, to be read only; None when the store is elsewhere."""
        ...

    async def check(self) -> None:
        """Raises StorageError, saying what to do, when files cannot be kept as things stand."""
        ...

    async def close(self) -> None:
        """Lets go of connections and threads. The store cannot be used after."""
        ...
