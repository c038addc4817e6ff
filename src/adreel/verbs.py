"""What a Python program can do with sessions: the verbs of the API, awaited to their end.

Heavy rooms are imported when sessions are first opened: a program that only makes films on the spot never loads them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.clip import Segment
from adreel.domain.errors import CancelledError, GenerationError, NotFoundError, SetupError
from adreel.domain.session import Asset, AssetKind, CostLine, Json, SessionEvent, SessionRecord, SessionView
from adreel.domain.stage import Stage

if TYPE_CHECKING:
    from adreel.bootstrap.core import Core
    from adreel.bootstrap.service import Desk

OnEvent = Callable[[SessionEvent], None]

_NOTHING: Json = {}


def ignore_event(_event: SessionEvent) -> None:
    """For callers that do not look."""


class SessionVerbs:
    """Sessions of the one local user, in the data folder or whatever database and storage settings name.

    To be used as ``async with``: then this process also does the work. Work that was under way when a program died goes on
    as soon as the next one is opened. Every method raises AdreelError.
    """

    def __init__(self, open_desk: Callable[[], AbstractAsyncContextManager[Desk]], work: Path) -> None:
        """`work` is a folder for files in transit."""
        self._open_desk = open_desk
        self._work = work
        self._stack: AsyncExitStack | None = None
        self._desk: Desk | None = None
        self._user = ""

    async def open(self) -> None:
        """Raises SetupError, also when another process works on the same data folder."""
        from adreel.services.auth_service import AuthService

        async with AsyncExitStack() as stack:
            self._desk = await stack.enter_async_context(self._open_desk())
            self._user = (await AuthService(self._desk.core.database).local_user()).id
            self._stack = stack.pop_all()

    async def close(self) -> None:
        stack, self._stack, self._desk = self._stack, None, None
        if stack is not None:
            await stack.aclose()

    async def create_session(
        self, product_prompt: str = "", *, seed: int | None = None, budget: Decimal | None = None
    ) -> SessionRecord:
        """A new session. `budget` is the most that it may spend on hosted models, in US dollars."""
        return await self._core.sessions.create(self._user, product_prompt, seed=seed, budget_cap=budget)

    async def resume_session(
        self, session_id: str, product_prompt: str = "", *, seed: int = 0, budget: Decimal | None = None
    ) -> SessionRecord:
        """The session of an id that is given beforehand, made if it is not there; its budget is set anew."""
        return await self._core.sessions.resume(self._user, session_id, product_prompt, seed, budget)

    async def session(self, session_id: str) -> SessionView:
        """The session with its images, clips and films."""
        return await self._core.sessions.get(self._user, session_id)

    async def sessions(self, limit: int = 20) -> tuple[SessionRecord, ...]:
        """The newest sessions first."""
        page = await self._core.sessions.list(self._user, limit)
        return tuple(item.session for item in page.items)

    async def delete_session(self, session_id: str) -> None:
        """The session and its files. StageError while work is under way."""
        await self._core.sessions.delete(self._user, session_id)
        await self._core.storage.delete_prefix(f"sessions/{session_id}")

    async def costs(self, session_id: str) -> tuple[Decimal, tuple[CostLine, ...]]:
        """The session's total in US dollars, and what it is made up of."""
        return await self._core.sessions.costs(self._user, session_id)

    async def add_images(self, session_id: str, photos: Sequence[Path]) -> tuple[Asset, ...]:
        """Photos as images of the session, all or none. PhotoError names the one that cannot be used."""
        from adreel.intake import PhotoIntake, copied

        intake = PhotoIntake(self._core.sessions, self._core.storage)
        async with copied(photos, self._work) as upload:
            return await intake.add(self._user, session_id, upload)

    async def add_framings(self, session_id: str, photo: Path) -> tuple[Asset, ...]:
        """One photo as several images, one for each framing of it. PhotoError when it cannot be used."""
        from adreel.intake import PhotoIntake, copied

        intake = PhotoIntake(self._core.sessions, self._core.storage)
        async with copied([photo], self._work) as upload:
            return await intake.add_framings(self._user, session_id, upload)

    async def generate_images(
        self,
        session_id: str,
        prompt: str,
        *,
        count: int = 4,
        model: str | None = None,
        aspect: str = "16:9",
        on_event: OnEvent = ignore_event,
    ) -> tuple[Asset, ...]:
        """Images by a hosted model, the first that can be used unless one is named; returns when they are there."""
        started = await self._opened.orchestrator.generate_images(self._user, session_id, prompt, count, model, aspect)
        await self._follow(session_id, started.job_id, on_event)
        return (await self.session(session_id)).of_kind(AssetKind.IMAGE)

    async def save_approved_images(self, session_id: str, image_ids: Sequence[str]) -> SessionRecord:
        return await self._core.sessions.approve_images(self._user, session_id, image_ids)

    async def generate_clips(
        self,
        session_id: str,
        video_prompt: str = "",
        *,
        clip_duration: float = 3.0,
        model: str = "local",
        aspect: str = "16:9",
        on_event: OnEvent = ignore_event,
    ) -> tuple[Asset, ...]:
        """One clip of each approved image; returns when they are there. What could not be made is told by the last event."""
        started = await self._opened.orchestrator.generate_clips(
            self._user, session_id, video_prompt, clip_duration, model, aspect
        )
        await self._follow(session_id, started.job_id, on_event)
        return (await self.session(session_id)).of_kind(AssetKind.CLIP)

    async def regenerate_clip(self, clip_id: str, *, on_event: OnEvent = ignore_event) -> tuple[Asset, ...]:
        """A new take of one clip; all clips of its session, the old one among them."""
        session_id = (await self._core.sessions.asset(self._user, clip_id)).session_id
        started = await self._opened.orchestrator.regenerate_clip(self._user, clip_id)
        await self._follow(session_id, started.job_id, on_event)
        return (await self.session(session_id)).of_kind(AssetKind.CLIP)

    async def save_approved_clips(
        self, session_id: str, clip_ids: Sequence[str], clip_order: Sequence[str] = ()
    ) -> SessionRecord:
        """The clips of the film, in the order in which they are to be seen: `clip_order`, or as they are given."""
        view = await self._core.sessions.approve_clips(self._user, session_id, clip_ids, clip_order)
        return view.session

    async def compose_final_video(
        self,
        session_id: str,
        *,
        text_overlay: Json = _NOTHING,
        audio: Json = _NOTHING,
        intro_duration: float = 1.0,
        outro_duration: float = 1.0,
        transition: str = "cut",
        aspects: Sequence[str] = ("16:9",),
        on_event: OnEvent = ignore_event,
    ) -> Asset:
        """The film in the first of `aspects`; the others are among the session's assets. The bodies are those of the API."""
        started = await self._opened.orchestrator.compose_final_video(
            self._user, session_id, text_overlay, audio, intro_duration, outro_duration, transition, aspects
        )
        await self._follow(session_id, started.job_id, on_event)
        view = await self.session(session_id)
        return next(film for film in view.of_kind(AssetKind.FINAL) if film.id == view.session.final_video_id)

    async def wait(self, session_id: str, *, on_event: OnEvent = ignore_event) -> None:
        """Returns when the work under way has ended, if there is any: that of a program that died goes on by itself."""
        job = (await self.session(session_id)).session.job
        if job is not None:
            await self._follow(session_id, job.id, on_event)

    async def cancel(self, session_id: str) -> None:
        """Stops the work under way; what is finished stays."""
        await self._opened.orchestrator.cancel(self._user, session_id)

    async def unsettled(self, session_id: str) -> int:
        """How many clips and images of the session are still open purchases: after a cancellation they are being stopped.

        Answers of language models, which cost next to nothing, are left to the sweep of the ledger.
        """
        calls = await self._core.ledger.open_calls(session_id=session_id)
        return sum(not call.key.startswith(f"{session_id}:text-") for call in calls)

    async def events(self, session_id: str, after: int = 0) -> AsyncIterator[SessionEvent]:
        """Everything that was told since event `after`, and then everything that will be, for as long as one listens."""
        await self._core.sessions.get(self._user, session_id)
        async with aclosing(self._core.progress.listen(session_id, after)) as told:
            async for event in told:
                yield event

    async def save(self, asset: Asset, path: Path) -> Path:
        """Writes a copy of an image, clip or film to `path`."""
        await self._core.storage.download_file(self._core.storage.url(asset.storage_key), path)
        return path

    async def segment(self, clip: Asset) -> Segment:
        """A clip as films are joined of, in a file of this machine."""
        from adreel.media.segments import SegmentStore
        from adreel.orchestrator.segment_exchange import SegmentExchange

        store = SegmentStore(self._core.settings.data_dir / "cache" / "segments")
        return await SegmentExchange(self._core.storage, store, self._work).bring(clip.details["segment"])

    @property
    def _opened(self) -> Desk:
        if self._desk is None:
            raise SetupError("sessions are not open: use the studio as `async with Studio() as studio`")
        return self._desk

    @property
    def _core(self) -> Core:
        return self._opened.core

    async def _follow(self, session_id: str, job_id: str, on_event: OnEvent) -> None:
        """Until the job has ended. Raises CancelledError or GenerationError when it came to nothing."""
        from adreel.orchestrator.reports import END

        async with aclosing(self._core.progress.listen(session_id, 0)) as told:
            async for event in told:
                if event.data.get("job") != job_id:
                    continue
                on_event(event)
                if END in event.data:
                    return _check_end(event, str(event.data[END]))
        raise NotFoundError("the session was deleted while it was worked on")


def _check_end(event: SessionEvent, end: str) -> None:
    if event.stage is Stage.FAILED:
        raise GenerationError(event.message)
    if end == "cancelled":
        raise CancelledError("the work was cancelled; what is finished is kept")
