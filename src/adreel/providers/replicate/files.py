"""Pictures as a model's input gets them: inside the order when they are small, else uploaded first.

Where outputs may come from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from adreel.domain.errors import GenerationError, PhotoError, RefusedError, UnavailableError
from adreel.media.photos.framing import framed_photo, whole_photo
from adreel.providers.common.data_uri import data_uri
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.responses import Prediction

_LARGEST_INLINE = 256 * 1024
"""Bytes of a picture that travels inside the order."""

_DELETING_SECONDS = 5.0
"""A clip that is ready does not wait longer for its photo to be deleted elsewhere."""

_log = logging.getLogger(__name__)

PREPARED_AT_ONCE = 2
"""Photos that are decoded at once: one of 12 megapixels takes 40 MB and half a second."""


def framed_picture(image: Path, aspect: str) -> bytes:
    """The image in an aspect, as an upright sRGB JPEG without metadata. Raises PhotoError that does not contain its path."""
    with _unnamed(image):
        return framed_photo(image, aspect)


def whole_picture(image: Path) -> bytes:
    """The same for the whole image."""
    with _unnamed(image):
        return whole_photo(image)


@contextmanager
def _unnamed(image: Path) -> Generator[None]:
    try:
        yield
    except PhotoError as error:
        raise PhotoError(str(error).replace(str(image), "the image")) from error


async def content_address(client: ReplicateClient, name: str, content: bytes, kind: str) -> str:
    """What stands for a picture in an input; `kind` is its media type. Raises GenerationError and its kinds."""
    if len(content) <= _LARGEST_INLINE:
        return data_uri(content, kind)
    try:
        async with asyncio.timeout(client.policy.upload):
            return (await client.upload(name, content, kind)).url
    except TimeoutError as error:
        raise UnavailableError("the image could not be uploaded to Replicate in time") from error


async def without_uploads(client: ReplicateClient, prediction: Prediction) -> Prediction:
    """`prediction`; when it is over, the pictures that were uploaded for it are deleted at the provider.

    What cannot be deleted now is removed there after a day, as every file is.
    """
    ids = [upload_id for value in _values(prediction.input) if (upload_id := client.uploaded(value)) is not None]
    if ids and prediction.status.is_final:
        try:
            async with asyncio.timeout(_DELETING_SECONDS):
                await asyncio.gather(*[client.delete_upload(upload_id) for upload_id in ids])
        except (GenerationError, TimeoutError) as error:
            _log.info("uploads of %s are left to Replicate, which removes them after a day: %s", prediction.id, error)
    return prediction


def _values(given: Mapping[str, object]) -> Iterator[object]:
    for value in given.values():
        if isinstance(value, list):
            yield from cast("list[object]", value)
        else:
            yield value


_DELIVERY = "replicate.delivery"


def check_host(url: str, allowed: Collection[str]) -> None:
    """Raises RefusedError unless the address is Replicate's (by https), or its host (``name`` or ``name:port``) is allowed."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise RefusedError("the provider gave an output address that cannot be read") from error
    if parts.username is not None or parts.password is not None:
        raise RefusedError("the provider gave an output address with a user in it; it was not fetched")
    theirs = parts.scheme == "https" and port in (None, 443) and f".{host}".endswith(f".{_DELIVERY}")
    named = parts.scheme in ("http", "https") and bool({host, f"{host}:{port}"} & set(allowed))
    if not theirs and not named:
        raise RefusedError(
            f"the output lies at {host or url[:40]!r}, which is not Replicate's; it was not fetched. "
            "Allow the host in the settings if it is to be trusted"
        )
