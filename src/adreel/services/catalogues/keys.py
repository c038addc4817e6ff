"""The storage keys of batches. A film has its key before it is made, so that a deletion reaches one that is being stored."""

from __future__ import annotations

import hashlib


def batch_folder(batch_id: str) -> str:
    return f"batches/{batch_id}/"


def feed_folder(batch_id: str) -> str:
    return f"{batch_folder(batch_id)}feed/"


def feed_key(batch_id: str, number: int) -> str:
    """The `number`th file of the feed: shops give theirs page by page."""
    return f"{feed_folder(batch_id)}{number}"


def film_key(batch_id: str, film_id: str) -> str:
    return f"{batch_folder(batch_id)}films/{film_id}.mp4"


def still_key(batch_id: str, film_id: str) -> str:
    return f"{batch_folder(batch_id)}films/{film_id}.webp"


def film_id(batch_id: str, number: int) -> str:
    """The id of the film that a batch makes for its `number`th row."""
    return hashlib.sha256(f"{batch_id}:{number}".encode()).hexdigest()[:32]
