"""A way to a server that can be interrupted: connections break, or hang as if the server stood still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class Line:
    """Passes bytes to a port on this machine while it is up."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._up = asyncio.Event()
        self._up.set()
        self._refusing = False
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    def hang(self) -> None:
        """Nothing passes until `restore`; connections stay."""
        self._up.clear()

    def cut(self) -> None:
        """All connections break, and no new one comes about until `restore`."""
        self._refusing = True
        for writer in list(self._open):
            writer.transport.abort()

    def restore(self) -> None:
        self._refusing = False
        self._up.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        finally:
            self._open -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._up.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line_to(target: int) -> AsyncGenerator[Line]:
    line = Line(target)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.restore()
        line.cut()
        server.close()
