"""What survives a restart: an append-only file of JSON lines, and uploaded files beside it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]


_SEED_BITS = 64


class Journal:
    """Events in the order in which they happened. Without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is not None:
            (folder / "files").mkdir(parents=True, exist_ok=True)

    def seed(self) -> int:
        """A random number, the same for as long as the folder is kept."""
        made = secrets.randbits(_SEED_BITS)
        if self._folder is None:
            return made
        file = self._folder / "seed"
        if not file.exists():
            file.write_text(str(made), encoding="ascii")
        return int(file.read_text(encoding="ascii"))

    def append(self, event: str, **facts: object) -> None:
        """Writes one event and hands it to the system at once: the process may be killed at any time."""
        if self._folder is None:
            return
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, **facts}) + "\n")

    def events(self) -> Iterator[Json]:
        """All whole events; a last line that was cut off is taken away."""
        if self._folder is None or not self._file.exists():
            return
        content = self._file.read_bytes()
        whole, _, rest = content.rpartition(b"\n")
        if rest:
            self._file.write_bytes(whole + b"\n" if whole else b"")
        for line in whole.splitlines():
            yield json.loads(line)

    def keep_file(self, name: str, content: bytes) -> None:
        if self._folder is not None:
            (self._folder / "files" / name).write_bytes(content)

    def kept_file(self, name: str) -> bytes:
        if self._folder is None:
            raise FileNotFoundError(name)
        return (self._folder / "files" / name).read_bytes()

    @property
    def _file(self) -> Path:
        if self._folder is None:
            raise FileNotFoundError("no folder was given")
        return self._folder / "journal.jsonl"
