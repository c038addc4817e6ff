"""Films that stand in a session without having been made."""

from __future__ import annotations

from typing import Any

from adreel.domain.films.film import CheckResult, Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.sessions.details import FilmDetails
from adreel.domain.sessions.session import AssetKind
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.records import NewAsset
from support.api import Api


async def film_of(
    api: Api,
    session_id: str,
    clips: list[str],
    number: int,
    cta: str,
    aspect: str = "16:9",
    notes: tuple[str, ...] = (),
    passport: dict[str, Any] | None = None,
) -> str:
    """A film that stands in a session; its file is none."""
    record = await api.services.sessions.record(session_id)
    job = f"{session_id}-film-{number}-{aspect}"
    await api.services.sessions.begin(record.user_id, session_id, Action.COMPOSE, job, {"clips": clips})
    asset = await api.backend.asset(
        session_id,
        NewAsset(
            kind=AssetKind.FINAL,
            storage_key=f"sessions/{session_id}/films/{number}-{aspect.replace(':', 'x')}.mp4",
            content_hash=f"{number:064d}",
            content_type="video/mp4",
            size_bytes=1_490_000,
            request=f"film {number} {aspect}",
            details=FilmDetails(
                duration=8.0,
                resolution="1920x1080",
                fps=30,
                frames=240,
                aspect=aspect,
                checks=(CheckResult("frames", True, "240 of 240 <expected>"),),
                clips=tuple(clips),
                notes=notes,
                options=FilmOptions(
                    name="Morgen", cta=cta, music="chill", outro_seconds=1.5, transition=Transition.CROSSFADE
                ),
                passport=passport,
            ),
        ),
        b"film",
    )
    await api.services.sessions.finish(job)
    return asset.id
