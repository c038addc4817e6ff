"""How jobs end: the session is told once, and its listeners of what came of it, however often a worker dies over it."""

from __future__ import annotations

from adreel.domain.session import Asset, AssetKind, SessionView
from adreel.orchestrator.reports import (
    Reporter,
    cancelled,
    clip_data,
    clips_ready,
    complete,
    failed,
    film_data,
    image_data,
    images_ready,
)
from adreel.services.session_service import SessionService


class Endings:
    """Every method may be repeated: a session that no longer has the job is left as it is.

    The end of a job and its event are kept in one transaction. Only handing the event on to listeners comes after it.
    """

    def __init__(self, sessions: SessionService, reporter: Reporter) -> None:
        self._sessions = sessions
        self._reporter = reporter

    async def clips_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """The clips `made` (asset ids) are there; `failures` says in words what is not."""
        view = await self._sessions.view(session_id)
        clips = [clip_data(asset) for asset in view.of_kind(AssetKind.CLIP) if asset.id in made]
        told = clips_ready(job_id, _ready(len(clips), "clip", failures), {"clips": clips, "failures": failures})
        await self._sessions.finish(job_id, tell=lambda _: told)
        await self._reporter.hand_on(session_id)

    async def images_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """The pictures `made` (asset ids) are there; `failures` says in words what is not."""
        view = await self._sessions.view(session_id)
        images = [image_data(asset) for asset in view.of_kind(AssetKind.IMAGE) if asset.id in made]
        told = images_ready(job_id, _ready(len(images), "image", failures), {"images": images, "failures": failures})
        await self._sessions.finish(job_id, tell=lambda _: told)
        await self._reporter.hand_on(session_id)

    async def complete(self, session_id: str, job_id: str, films: list[str]) -> None:
        """The films (asset ids) are there; the first is the session's final video."""
        made = [film_data(asset) for asset in _assets(await self._sessions.view(session_id), films)]
        told = complete(job_id, {"final_video": made[0], "videos": made})
        await self._sessions.finish(job_id, final_video_id=films[0], tell=lambda _: told)
        await self._reporter.hand_on(session_id)

    async def failed(self, session_id: str, job_id: str, message: str) -> None:
        await self._sessions.fail(job_id, message, lambda session: failed(session, job_id, message))
        await self._reporter.hand_on(session_id)

    async def cancelled(self, session_id: str, job_id: str) -> None:
        await self._sessions.cancelled(job_id, lambda session: cancelled(session, job_id))
        await self._reporter.hand_on(session_id)


def _ready(number: int, what: str, failures: list[str]) -> str:
    message = f"{number} {what} is ready" if number == 1 else f"{number} {what}s are ready"
    return f"{message}, {len(failures)} could not be made: {'; '.join(failures)}" if failures else message


def _assets(view: SessionView, ids: list[str]) -> list[Asset]:
    by_id = {asset.id: asset for asset in view.assets}
    return [by_id[each] for each in ids]
