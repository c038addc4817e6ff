"""A server of photos on this machine: one that is missing, one that is too large."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.catalogue.bad_rows import TOO_LARGE

_BLOCK = 65_536


class _Photos(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/large.jpg":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        # Without a length: only reading shows how large it is.
        with suppress(OSError):
            for _ in range(TOO_LARGE // _BLOCK):
                self.wfile.write(bytes(_BLOCK))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base class)
        """Writes nothing."""


@contextmanager
def photo_site() -> Generator[str]:
    """The address of the running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Photos)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
