"""Seeded damage to files: bits, bytes and whole stretches, more often near the start, where headers are."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

from PIL import Image

_EXTREMES = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00")


def broken_avif(part: str = "picture") -> bytes:
    """An AVIF whose decoder raises RuntimeError: while it is opened ("header"), or while its picture is decoded."""
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((400, 300)).save(file, "AVIF")
    content = file.getvalue()
    if part == "header":
        return content.replace(b"iloc", b"xxxx")
    picture = content.index(b"mdat") + 4
    return content[:picture] + bytes(len(content) - picture)


def damaged(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """`count` damaged copies; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _damaged(data, chance)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = _place(len(found), chance)
        match chance.randrange(6):
            case 0:
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                found[at] = chance.randrange(256)
            case 2:
                extreme = chance.choice(_EXTREMES)
                found[at : at + len(extreme)] = extreme
            case 3:
                del found[at : at + chance.randrange(1, 64)]
            case 4:
                found[at:at] = found[at : at + chance.randrange(1, 64)]
            case _:
                del found[max(1, at) :]
        if not found:
            return b""
    return bytes(found)


def _place(length: int, chance: random.Random) -> int:
    return chance.randrange(min(length, chance.choice((64, 512, length))))
