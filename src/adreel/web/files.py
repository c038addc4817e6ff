"""Static files of the page: read and compressed once, served under a URL with a digest of their content."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
}
_IMPORT = re.compile(r'^(?:import|export) [^;]*?"\./([\w-]+\.js)"', re.MULTILINE)
_LEVEL = 9


@dataclass(frozen=True, slots=True)
class StaticFile:
    """`packed` is the content compressed with gzip."""

    content: bytes
    packed: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Files by their path below the folder. `version` is a digest of all files, since scripts import by relative path."""

    version: str
    files: Mapping[str, StaticFile]

    def url(self, name: str) -> str:
        """Returns the URL of a file. Raises KeyError for an unknown file: an error in a template."""
        self.files[name]
        return f"/static/{self.version}/{name}"

    def modules(self, name: str) -> tuple[str, ...]:
        """Returns a script and all its imports, so that a browser can fetch them in parallel."""
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                waiting.extend(f"js/{other}" for other in _imports(self.files[name]))
        return tuple(found)


@cache
def static_files() -> StaticFiles:
    files = {path.relative_to(FOLDER).as_posix(): _read(path) for path in _paths()}
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.content).digest())
    return StaticFiles(digest.hexdigest()[:16], MappingProxyType(files))


def _paths() -> Iterator[Path]:
    return (path for path in sorted(FOLDER.rglob("*")) if path.suffix in _TYPES)


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, gzip.compress(content, _LEVEL, mtime=0), _TYPES[path.suffix])


def _imports(file: StaticFile) -> list[str]:
    return _IMPORT.findall(file.content.decode())
