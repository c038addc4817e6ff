"""Responses with stored files: whole or by byte range (RFC 9110, 14), with ETags.

Files are read in threads, so that the disk never blocks the event loop. Parsing of headers is pure.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from adreel.domain.errors import NotFoundError
from adreel.routers.common.problems import Problem
from adreel.services.storage.object_store import StoredObject

_ONE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """`start` to `end` in bytes, `end` not included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class NoSuchBytesError(Exception):
    """The requested range lies outside of the file."""


def requested_span(header: str | None, size: int) -> Span | None:
    """Parses a Range header; None for the whole file, of `size` bytes.

    Malformed headers are ignored and several ranges are answered by the whole file, as RFC 9110 allows.
    Raises NoSuchBytesError.
    """
    match = _ONE.fullmatch(header) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return _last(int(match[2]), size)
    start, end = int(match[1]), int(match[2]) + 1 if match[2] else size
    if end <= start and match[2]:
        return None
    if start >= size:
        raise NoSuchBytesError
    return Span(start, min(end, size))


def _last(count: int, size: int) -> Span:
    if count == 0 or size == 0:
        raise NoSuchBytesError
    return Span(max(0, size - count), size)


def is_same(if_range: str | None, etag: str) -> bool:
    """True unless `If-Range` names another version of the file; dates never match."""
    return if_range is None or if_range.strip() == etag


def is_known(if_none_match: str | None, etag: str) -> bool:
    """True when the client has this version already."""
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in known or etag in known


CHUNK = 256 * 1024
_MAX_NAME = 150
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|;%]')


async def file_response(
    stored: StoredObject, path: Path | None, request_headers: Mapping[str, str], headers: dict[str, str]
) -> Response:
    """Responds with the file, a range of it, 304 or 416, by `request_headers`. Without `path` the body is empty (HEAD).

    `headers` are added to the response. Raises NotFoundError when the file has just been deleted.
    """
    etag = etag_of(stored)
    all_headers = {**headers, "etag": etag, "accept-ranges": "bytes", "content-type": stored.content_type}
    if is_known(request_headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=all_headers)
    try:
        is_current = is_same(request_headers.get("if-range"), etag)
        span = requested_span(request_headers.get("range"), stored.size) if is_current else None
    except NoSuchBytesError:
        detail = f"the file has {stored.size} bytes; the range begins after its end"
        return Problem(416, "range", detail, {"content-range": f"bytes */{stored.size}"})
    if span is None:
        return await _response(200, path, Span(0, stored.size), all_headers)
    part = {"content-range": f"bytes {span.start}-{span.end - 1}/{stored.size}"}
    return await _response(206, path, span, {**all_headers, **part})


def etag_of(stored: StoredObject) -> str:
    """A strong ETag from the key: the content under a key never changes."""
    return f'"{hashlib.sha256(f"{stored.key} {stored.size}".encode()).hexdigest()[:32]}"'


def clean_name(name: str) -> str:
    """The last part of a client's file name, without control characters and characters with a meaning in paths and headers."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    fit = "".join(character for character in _UNFIT.sub("", last) if character.isprintable())
    return fit.strip(" .")[:_MAX_NAME]


def disposition(download: str | None) -> str:
    """Content-Disposition: `inline`, or `attachment` under the name `download`."""
    name = clean_name(download) if download else ""
    if not name:
        return "inline" if download is None else "attachment"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    """All of an open file, which is closed at the end."""
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


async def _response(status: int, path: Path | None, span: Span, headers: dict[str, str]) -> Response:
    sized = {**headers, "content-length": str(span.length)}
    if path is None:
        return Response(status_code=status, headers=sized)
    try:
        # Opened before the response starts: a deleted file can still be answered with 404.
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError as error:
        raise NotFoundError("the file is gone") from error
    return StreamingResponse(_read(file, span), status, sized)


async def _read(file: BinaryIO, span: Span) -> AsyncIterator[bytes]:
    try:
        await asyncio.to_thread(file.seek, span.start)
        left = span.length
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK, left))
            if not chunk:
                raise OSError("the file was truncated while it was sent")
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
