"""What uploads may do to a running service."""

from __future__ import annotations

import asyncio
import re
import struct
import sys
import zlib
from pathlib import Path

import pytest

from support.service import Customer, serve

SIDE = 8000
"""64 megapixels: 256 MB for each copy of the picture."""

MOST_MB = 150
"""More than at rest. Decoded in the service, two such photos took over a gigabyte."""


def transparent_png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(b"\0" + b"\0\0\0\x80" * SIDE) for _ in range(SIDE))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")


def megabytes(pid: int, field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return int(found[1]) // 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_large_photos_leave_the_service_as_small_as_it_was(tmp_path: Path) -> None:
    photo = tmp_path / "large.png"
    photo.write_bytes(transparent_png())
    data = tmp_path / "data"
    data.mkdir()
    process, base = serve(data, "--no-worker")
    try:
        before = megabytes(process.pid, "VmRSS")
        async with Customer(base) as customer:
            sessions = [await customer.start() for _ in range(3)]
            taken = await asyncio.gather(*[customer.upload(session, [photo]) for session in sessions])
        assert [len(images) for images in taken] == [1, 1, 1]
        assert megabytes(process.pid, "VmHWM") < before + MOST_MB
    finally:
        process.stop()
