"""A file put together from parts of another and bytes in memory, so that a decoder reads only the parts that it needs."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes of the underlying file, from `offset`."""

    offset: int
    length: int


Piece = bytes | Span


def length_of(piece: Piece) -> int:
    return piece.length if isinstance(piece, Span) else len(piece)


def splice(file: BinaryIO, pieces: Sequence[Piece]) -> io.BufferedReader:
    """The concatenated `pieces` as a file, readable and seekable. Owns `file`: closes it when closed."""
    return io.BufferedReader(_Spliced(file, pieces))


class _Spliced(io.RawIOBase):
    def __init__(self, file: BinaryIO, pieces: Sequence[Piece]) -> None:
        super().__init__()
        self._file = file
        self._pieces = [piece for piece in pieces if length_of(piece)]
        self._ends = list(accumulate(map(length_of, self._pieces)))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"offset {base + offset} is before the start")
        self._at = base + offset
        return self._at

    @property
    def _size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Reads from one piece at most, as raw files may."""
        view = memoryview(buffer)
        index = bisect_right(self._ends, self._at)
        if index == len(self._pieces):
            return 0
        data = self._part(index, min(len(view), self._ends[index] - self._at))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _part(self, index: int, count: int) -> bytes:
        piece = self._pieces[index]
        skipped = self._at - (self._ends[index] - length_of(piece))
        if isinstance(piece, bytes):
            return piece[skipped : skipped + count]
        self._file.seek(piece.offset + skipped)
        return self._file.read(count)

    def close(self) -> None:
        self._file.close()
        super().close()
