"""The session in which a language model writes a script: the same for the same request, so that nothing is bought twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adreel.billing.clip_jobs import digest_of
from adreel.domain.errors import PhotoError
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.sessions.stage import Stage
from adreel.media.segments.store import file_digest
from adreel.orchestrator.flows.script_writing import ScriptJob


def distinct_photos(photos: Sequence[str]) -> tuple[str, ...]:
    """The first of each group of equal photos, which a session takes once. Raises PhotoError for one that cannot be read."""
    return tuple({_digest(photo): photo for photo in reversed(photos)}[digest] for digest in _digests(photos))


def script_session(request: AdRequest, photos: Sequence[str]) -> str:
    """The id of the session for a request with these photos. Reads the photos."""
    asked = ScriptJob("", "", "", Stage.CREATED, replace(request, photos=())).to_json()["request"]
    return digest_of("script session", asked, _digests(photos))[:32]


def _digests(photos: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(_digest, photos)))


def _digest(photo: str) -> str:
    try:
        return file_digest(Path(photo))
    except OSError as error:
        raise PhotoError(f"{photo} cannot be read: {error.strerror}") from error
