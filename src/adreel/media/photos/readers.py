"""Photo readers: in this process, or in a separate process for untrusted files. Both wait for memory from a budget."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from adreel.domain.errors import MachineError, PhotoError, ToolError
from adreel.media.ffmpeg.process import Limits, run
from adreel.media.photos import child as photo_child
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.memory import memory_needed, read_header
from adreel.media.photos.opening import check_size
from adreel.media.photos.photo import Photo, photo_of
from adreel.media.photos.pixels import VERIFYING_SIDE, WORKING_SIDE, PhotoInfo, Pixels, read_pixels
from adreel.media.photos.reply import Reply

_CHILD_BYTES = 32 * 2**20
"""Memory of an idle reader process (Python and Pillow, measured: 23 to 34 MB)."""

_CHILD_SPACE = 320 * 2**20
"""Address space beyond the estimate: libraries, thread stacks, NumPy for 16-bit grey (measured: up to 230 MB)."""

_CHILD_SECONDS = 120.0
_CHILD_CPU_SECONDS = 40
"""The slowest photos of 100 megapixels take 5 CPU seconds; on a busy machine these take longer in wall time."""


class PhotoReader(Protocol):
    """Reads photos. Blocks: call it from worker threads. Both methods raise PhotoError."""

    def verify(self, path: Path) -> PhotoInfo:
        """Decodes the whole photo and discards the pixels; detects damage beyond the header."""
        ...

    def load(self, path: Path, side: int = WORKING_SIDE) -> Photo:
        """Decodes the photo, longest side at most `side` pixels."""
        ...


class DirectReader:
    """Reads in this process: for trusted files, such as the user's own on their machine."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget

    def verify(self, path: Path) -> PhotoInfo:
        return self._read(path, VERIFYING_SIDE)[0]

    def load(self, path: Path, side: int = WORKING_SIDE) -> Photo:
        info, pixels = self._read(path, side)
        return photo_of(pixels, info.digest, info.note)

    def _read(self, path: Path, side: int) -> tuple[PhotoInfo, Pixels]:
        with _admitted(self._budget, path, _memory_for(path, side)):
            return read_pixels(path, side)


class IsolatedReader:
    """Reads each photo in a separate process with limited memory and time, which cannot write files, read the service's
    environment, or crash the service.
    """

    def __init__(self, budget: MemoryBudget, seconds: float = _CHILD_SECONDS) -> None:
        self._budget = budget
        self._seconds = seconds

    def verify(self, path: Path) -> PhotoInfo:
        return self._read(path, photo_child.VERIFY, VERIFYING_SIDE)[0]

    def load(self, path: Path, side: int = WORKING_SIDE) -> Photo:
        info, pixels = self._read(path, photo_child.PIXELS, side)
        if pixels is None:
            raise _crashed(path)
        return photo_of(pixels, info.digest, info.note)

    def _read(self, path: Path, mode: str, side: int) -> tuple[PhotoInfo, Pixels | None]:
        needed = _memory_for(path, side)
        limits = Limits(self._seconds, memory=needed + _CHILD_SPACE, output=0)
        reply = Reply(side)
        with _admitted(self._budget, path, needed + _CHILD_BYTES):
            try:
                run(_command(path, mode, side), limits=limits, on_output=reply.feed, tool="the photo reader")
            except (ToolError, MachineError) as error:
                raise _crashed(path) from error
        return reply.read(path)


def _command(path: Path, mode: str, side: int) -> list[str]:
    """-I ignores the environment, the current folder and the user's packages; -B writes no bytecode."""
    program = [sys.executable, "-I", "-B", photo_child.__file__]
    return [*program, mode, str(side), str(_CHILD_CPU_SECONDS), str(path.absolute()), str(path)]


def _memory_for(path: Path, side: int) -> int:
    """Memory for decoding, in bytes. Raises PhotoError for a picture that is too large or too small."""
    header = read_header(path)
    if header is not None:
        check_size(path, header.width, header.height)
    return memory_needed(header, side)


@contextmanager
def _admitted(budget: MemoryBudget, path: Path, needed: int) -> Generator[None]:
    if needed > budget.total:
        raise PhotoError(
            f"{path} takes about {needed // 2**20} MB of memory to decode, and {budget.total // 2**20} MB is allowed: "
            "make it smaller, save it as JPEG, or allow more"
        )
    with budget.reserved(needed):
        yield


def _crashed(path: Path) -> PhotoError:
    return PhotoError(
        f"{path} cannot be decoded with the memory and time that a picture of its size may take: "
        "it is damaged or made to do harm; export it again as JPEG or PNG"
    )
