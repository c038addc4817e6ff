"""``/docs``: the description of the API for people, by Swagger UI from the package: nothing comes from other servers."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

from adreel.routers.common.files import is_known

router = APIRouter(include_in_schema=False)

_PAGE = "index.html"
_OWN, _VENDORED = "api_docs", "docs"
_HTML, _SCRIPT, _STYLE = (f"text/{name}; charset=utf-8" for name in ("html", "javascript", "css"))
_FILES: Mapping[str, tuple[str, str]] = {
    _PAGE: (_OWN, _HTML),
    "start.js": (_OWN, _SCRIPT),
    "swagger-ui-bundle.js": (_VENDORED, _SCRIPT),
    "swagger-ui.css": (_VENDORED, _STYLE),
}
"""The folder of the assets in which each file lies, and its type."""

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_LEVEL = 9


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes
    etag: str
    media_type: str


@cache
def _file(name: str) -> _File:
    folder, media_type = _FILES[name]
    content = files("adreel.assets").joinpath(folder, name).read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return _File(content, gzip.compress(content, _LEVEL, mtime=0), etag, media_type)


@router.get("/docs")
def get_docs(request: Request) -> Response:
    """The page, for everybody: so is the document that it shows."""
    return _answer(request, _PAGE)


@router.get("/docs/{name}")
def get_docs_file(request: Request, name: str) -> Response:
    """A script or style of the page."""
    if name not in _FILES or name == _PAGE:
        raise HTTPException(404, "there is no such file")
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    file = _file(name)
    headers = {
        "content-security-policy": _POLICY,
        "cross-origin-opener-policy": "same-origin",
        # Try-it-out requests send their origin, which no-referrer would hide.
        "referrer-policy": "same-origin",
        "cache-control": "no-cache",
        "etag": file.etag,
        "vary": "Accept-Encoding",
    }
    if is_known(request.headers.get("if-none-match"), file.etag):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "").lower():
        return Response(file.packed, headers={**headers, "content-encoding": "gzip"}, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)
