"""Templates to HTML answers, with the policy that says what the page may load."""

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
from adreel.web.words import FILTERS

FOLDER = Path(__file__).parent / "templates"
_LEVEL = 5


@cache
def environment() -> Environment:
    """Whatever people wrote is escaped, in every template; a name that there is not is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    files = static_files()
    known: dict[str, Any] = {"static": files.url, "modules": files.modules}
    made.globals.update(known)
    return made


def policy(media: Sequence[str]) -> str:
    """Content-Security-Policy. `media` are origins that pictures and films may come from beside our own."""
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
    """A page. `media` as in `policy`."""
    body = environment().get_template(template).render(context).encode()
    headers = {
        "content-security-policy": policy(media),
        # Of all our addresses only pages say where they come from, and only to us: with no-referrer a form has no origin.
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
