"""How jobs end: the session is told once, and its listeners of what came of it, however often a worker dies over it."""

from __future__ import annotations

from adreel.domain.session import Asset, AssetKind, SessionView
from adreel.orchestrator.reports import Reporter, clip_data, film_data, image_data
from adreel.services.session_service import SessionService


class Endings:
    """Every method may be repeated: a session that no longer has the job is left as it is."""

    def __init__(self, sessions: SessionService, reporter: Reporter) -> None:
        self._sessions = sessions
        self._reporter = reporter

    async def clips_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """The clips `made` (asset ids) are there; `failures` says in words what is not."""
        if await self._sessions.finish(job_id) is None and await self._reporter.has_told_end(session_id, job_id):
            return
        view = await self._sessions.view(session_id)
        clips = [clip_data(asset) for asset in view.of_kind(AssetKind.CLIP) if asset.id in made]
        message = f"{_count(len(clips), 'clip')} ready"
        if failures:
            message = f"{message}, {len(failures)} could not be made: {'; '.join(failures)}"
        await self._reporter.clips_ready(session_id, job_id, message, {"clips": clips, "failures": failures})

    async def images_ready(self, session_id: str, job_id: str, made: list[str], failures: list[str]) -> None:
        """The pictures `made` (asset ids) are there; `failures` says in words what is not."""
        if await self._sessions.finish(job_id) is None and await self._reporter.has_told_end(session_id, job_id):
            return
        view = await self._sessions.view(session_id)
        images = [image_data(asset) for asset in view.of_kind(AssetKind.IMAGE) if asset.id in made]
        message = f"{_count(len(images), 'image')} ready"
        if failures:
            message = f"{message}, {len(failures)} could not be made: {'; '.join(failures)}"
        await self._reporter.images_ready(session_id, job_id, message, {"images": images, "failures": failures})

    async def complete(self, session_id: str, job_id: str, films: list[str]) -> None:
        """The films (asset ids) are there; the first is the session's final video."""
        record = await self._sessions.finish(job_id, final_video_id=films[0])
        if record is None and await self._reporter.has_told_end(session_id, job_id):
            return
        told = [film_data(asset) for asset in _assets(await self._sessions.view(session_id), films)]
        await self._reporter.complete(session_id, job_id, {"final_video": told[0], "videos": told})

    async def failed(self, session_id: str, job_id: str, message: str) -> None:
        record = await self._sessions.fail(job_id, message)
        if record is None and await self._reporter.has_told_end(session_id, job_id):
            return
        await self._reporter.failed(record or await self._sessions.record(session_id), job_id, message)

    async def cancelled(self, job_id: str) -> bool:
        """Whether the job was still the session's. Its listeners are told then, at most once."""
        record = await self._sessions.cancelled(job_id)
        if record is not None:
            await self._reporter.cancelled(record, job_id)
        return record is not None


def _count(number: int, what: str) -> str:
    return f"{number} {what} is" if number == 1 else f"{number} {what}s are"


def _assets(view: SessionView, ids: list[str]) -> list[Asset]:
    by_id = {asset.id: asset for asset in view.assets}
    return [by_id[each] for each in ids]
