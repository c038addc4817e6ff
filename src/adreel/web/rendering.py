"""Renders templates to HTML responses with their Content-Security-Policy."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from adreel.web.files import static_files
from adreel.web.formatting import FILTERS

FOLDER = Path(__file__).parent / "templates"
_LEVEL = 5


@cache
def environment() -> Environment:
    """The Jinja environment: escapes all values; an undefined name is an error, not an empty string."""
    jinja = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    jinja.filters.update(FILTERS)
    files = static_files()
    functions: dict[str, Any] = {"static": files.url, "modules": files.modules}
    jinja.globals.update(functions)
    return jinja


def policy(media: Sequence[str]) -> str:
    """Content-Security-Policy. `media` are the allowed origins of images and films besides the service's own."""
    elsewhere = "".join(f" {origin}" for origin in media)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' blob: data:{elsewhere}",
            f"media-src 'self' blob:{elsewhere}",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def html(
    request: Request, template: str, context: Mapping[str, object], media: Sequence[str] = (), status: int = 200
) -> Response:
    """Renders a page. `media` as in `policy`."""
    body = environment().get_template(template).render(context).encode()
    headers = {
        "content-security-policy": policy(media),
        # Only pages send a referrer, to the same origin: with no-referrer their forms would send no origin.
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "vary": "Accept-Encoding, Cookie",
    }
    if takes_gzip(request):
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(body, status, headers, "text/html; charset=utf-8")


def takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "").lower()
