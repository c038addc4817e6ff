"""Pictures as a model's input gets them: inside the order when they are small, else uploaded first."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adreel.domain.errors import InputError, UnavailableError
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.data_uri import data_uri

_LARGEST_INLINE = 256 * 1024
"""Bytes of a picture that travels inside the order."""

_KINDS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
}


async def picture_address(client: ReplicateClient, path: Path) -> str:
    """What stands for a local picture in an input. Raises InputError when it cannot be read, GenerationError and its kinds."""
    content = await asyncio.to_thread(_read, path)
    kind = _KINDS.get(path.suffix.lower(), "application/octet-stream")
    if len(content) <= _LARGEST_INLINE:
        return data_uri(content, kind)
    try:
        async with asyncio.timeout(client.policy.upload):
            return (await client.upload(f"image{path.suffix.lower()}", content, kind)).url
    except TimeoutError as error:
        raise UnavailableError(f"the image {path.name} could not be uploaded to Replicate in time") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the image {path.name}: {error.strerror}") from error
