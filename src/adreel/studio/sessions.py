"""The sessions API for Python programs: the operations of the HTTP API, each awaited until its job has ended.

Heavy packages are imported when sessions are first opened: a program that only makes local films never loads them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adreel.agents.output import Existing, written
from adreel.domain.costs.ledger import PaidCall, PurchaseKind
from adreel.domain.errors import CancelledError, GenerationError, NotFoundError
from adreel.domain.films.clip import Segment
from adreel.domain.sessions.session import Asset, AssetKind, CostLine, Json, SessionEvent, SessionRecord, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.studio.session_speech import SpeechApi

if TYPE_CHECKING:
    from adreel.domain.ad import Ad
    from adreel.domain.scripts.ad_request import AdRequest
    from adreel.orchestrator.film_bundles import FilmBundles
    from adreel.orchestrator.previews.session_drafts import SessionDrafts
    from adreel.orchestrator.session_scripts import ScriptCommands

OnEvent = Callable[[SessionEvent], None]

_NOTHING: Json = {}


def ignore_event(_event: SessionEvent) -> None:
    """A callback that discards events."""


class SessionsApi(SpeechApi):
    """Sessions of the local user, in the data folder or the configured database and storage.

    Use it with ``async with``: this process then also runs the jobs. Jobs of a program that died resume when the next one opens
    the sessions. Every method raises AdreelError.
    """

    async def close(self) -> None:
        self.__dict__.pop("_drafts", None)
        await super().close()

    async def create_session(
        self, product_prompt: str = "", *, seed: int | None = None, budget: Decimal | None = None
    ) -> SessionRecord:
        """Creates a session. `budget` is the most that it may spend on hosted models, in US dollars."""
        return await self._core.sessions.create(self._user, product_prompt, seed=seed, budget_cap=budget)

    async def resume_session(
        self, session_id: str, product_prompt: str = "", *, seed: int = 0, budget: Decimal | None = None
    ) -> SessionRecord:
        """Opens the session with this id, or creates it; sets its budget in either case."""
        return await self._core.sessions.resume(self._user, session_id, product_prompt, seed, budget)

    async def session(self, session_id: str) -> SessionView:
        """Returns the session with its images, clips and films."""
        return await self._core.sessions.get(self._user, session_id)

    async def sessions(self, limit: int = 20) -> tuple[SessionRecord, ...]:
        """Lists up to `limit` sessions, newest first."""
        page = await self._core.sessions.list(self._user, limit)
        return tuple(item.session for item in page.items)

    async def delete_session(self, session_id: str) -> None:
        """Deletes the session and all its data. Raises StageError while a job is running.

        It disappears at once; data in an unreachable store is deleted later, by the next process that opens sessions on this
        data.
        """
        await self._core.sessions.delete(self._user, session_id)
        await self._opened.deletions.soon(session_id)

    async def delete_film(self, session_id: str, film_id: str) -> None:
        """Deletes one finished film of the session; its clips stay. Raises NotFoundError, StageError while a job is running."""
        await self._core.sessions.remove_film(self._user, session_id, film_id)
        await self._opened.deletions.soon()

    async def export(self, path: Path, *, existing: Existing = Existing.REFUSE) -> Path:
        """Exports all data of all sessions to a zip file: JSON, photos, images, clips and films. Returns its path, which differs
        when `existing` numbers it. Example:

        await studio.export(Path("my-data.zip"))
        """
        from adreel.services.accounts.account_data import AccountService
        from adreel.services.accounts.export import AccountExport

        core = self._core
        export = AccountExport(AccountService(core.database), core.storage, self._work)
        return await written(path, existing, partial(export.write, self._user))

    async def costs(self, session_id: str) -> tuple[Decimal, tuple[CostLine, ...]]:
        """Returns the session's total cost in US dollars, and its cost lines."""
        return await self._core.sessions.costs(self._user, session_id)

    async def purchases(self, session_id: str) -> tuple[PaidCall, ...]:
        """Returns every paid call of the session, oldest first, with its id at the provider and its amount."""
        await self._core.sessions.get(self._user, session_id)
        return await self._core.ledger.calls_in(session_id)

    async def add_images(self, session_id: str, photos: Sequence[Path]) -> tuple[Asset, ...]:
        """Adds photos to the session as images, all or none. Raises PhotoError, which names the unusable photo."""
        from adreel.services.sessions.uploads import PhotoIntake, copied

        intake = PhotoIntake(self._core.sessions, self._core.storage, self._core.photos)
        async with copied(photos, self._work) as upload:
            return await intake.add(self._user, session_id, upload)

    async def add_framings(self, session_id: str, photo: Path) -> tuple[Asset, ...]:
        """Adds one photo as several images, one for each framing. Raises PhotoError when it cannot be used."""
        from adreel.services.sessions.uploads import PhotoIntake, copied

        intake = PhotoIntake(self._core.sessions, self._core.storage, self._core.photos)
        async with copied([photo], self._work) as upload:
            return await intake.add_framings(self._user, session_id, upload)

    async def session_script(self, session_id: str) -> Ad | None:
        """Returns the script of the session's ad, None without one. Its photos are ids of the session's images."""
        found = await self._scripts.get(self._user, session_id)
        return None if found is None else found.ad

    async def save_session_script(self, session_id: str, script: Ad | None) -> Ad | None:
        """Checks and stores the script of the session's ad, or removes it; returns it as stored. Without photos its beats show
        the approved images. Example:

        await studio.save_session_script(session.id, replace(script, style="bold"))

        Raises InputError, TextError and ClaimError for a script that cannot be filmed.
        """
        if script is None:
            await self._scripts.remove(self._user, session_id)
            return None
        return (await self._scripts.put(self._user, session_id, script)).ad

    async def write_session_script(self, session_id: str, request: AdRequest) -> Ad:
        """Writes the script of the session's ad for its images, and stores it. The photos of the request do not matter."""
        return (await self._scripts.write(self._user, session_id, request)).ad

    async def generate_session_script(
        self, session_id: str, request: AdRequest, *, on_event: OnEvent = ignore_event
    ) -> Ad | None:
        """Lets a language model write the script of the session's ad for its images; stores and returns it.

        Its words are held to the facts and the offer. When the model fails, or the budget does not cover it, rules write the
        script and the last event has a `warning` that says why. Raises InputError without an account at a provider of language
        models.
        """
        started = await self._opened.orchestrator.write_script(self._user, session_id, request)
        await self._follow(session_id, started.job_id, on_event)
        return await self.session_script(session_id)

    async def generate_script(
        self, request: AdRequest, *, budget: Decimal | None = None, on_event: OnEvent = ignore_event
    ) -> Ad:
        """Lets a language model write the script of an ad from photos, facts and offer, for `MakeOrder.script`. The photos of the
        request are paths. `budget` is the most that it may cost, in US dollars. Example:

        ad = await studio.generate_script(AdRequest(("mug.jpg",), "Morgen Mug", facts=("Holds 350 ml",)))

        The same request again costs nothing. Raises as `generate_session_script`, and PhotoError.
        """
        from adreel.studio.hosted_script import distinct_photos, script_session

        paths = await asyncio.to_thread(distinct_photos, request.photos)
        session = await self.resume_session(await asyncio.to_thread(script_session, request, paths), budget=budget)
        images = await self.add_images(session.id, [Path(path) for path in paths])
        await self.save_approved_images(session.id, [image.id for image in images])
        ad = await self.generate_session_script(session.id, request, on_event=on_event)
        if ad is None:
            raise NotFoundError("the script was removed while it was written; write it again")
        return replace(ad, photos=paths)

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
        """Generates images with a hosted model, by default the first usable one; returns the session's images when done."""
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
        ideas: bool | None = None,
        on_event: OnEvent = ignore_event,
    ) -> tuple[Asset, ...]:
        """Makes one clip of each approved image; returns the session's clips when done. The last event lists the failures.

        `ideas`: a language model plans the scenes, which costs; by default only for clips that cost themselves.
        """
        started = await self._opened.orchestrator.generate_clips(
            self._user, session_id, video_prompt, clip_duration, model, aspect, ideas
        )
        await self._follow(session_id, started.job_id, on_event)
        return (await self.session(session_id)).of_kind(AssetKind.CLIP)

    async def regenerate_clip(self, clip_id: str, *, on_event: OnEvent = ignore_event) -> tuple[Asset, ...]:
        """Makes a new take of one clip. Returns all clips of its session, including the old take."""
        session_id = (await self._core.sessions.asset(self._user, clip_id)).session_id
        started = await self._opened.orchestrator.regenerate_clip(self._user, clip_id)
        await self._follow(session_id, started.job_id, on_event)
        return (await self.session(session_id)).of_kind(AssetKind.CLIP)

    async def save_approved_clips(
        self, session_id: str, clip_ids: Sequence[str], clip_order: Sequence[str] = ()
    ) -> SessionRecord:
        """Sets the clips of the film, in the order of `clip_order`, or of `clip_ids` by default."""
        view = await self._core.sessions.approve_clips(self._user, session_id, clip_ids, clip_order)
        return view.session

    async def compose_final_video(
        self,
        session_id: str,
        *,
        text_overlay: Json = _NOTHING,
        audio: Json = _NOTHING,
        aspects: Sequence[str] = ("16:9",),
        placements: Sequence[str] = (),
        on_event: OnEvent = ignore_event,
        **options: Any,  # noqa: ANN401 (other fields of the API's body)
    ) -> Asset:
        """Makes the film and returns it in the first of `aspects`; the others, and those for `placements`, are among the
        session's assets. With no `aspects` the first placement's is returned.

        `text_overlay`, `audio` and `options` are as in the HTTP API: intro_duration, outro_duration, transition, fit, voice,
        captions, caption_style, brand_kit;
        `files` gives ids of `add_file` for this film alone, by their `BrandSlot`.
        """
        started = await self._opened.orchestrator.compose_final_video(
            self._user, session_id, text_overlay, audio, aspects=aspects, placements=placements, **options
        )
        await self._follow(session_id, started.job_id, on_event)
        view = await self.session(session_id)
        return next(film for film in view.of_kind(AssetKind.FINAL) if film.id == view.session.final_video_id)

    async def films(self, session_id: str) -> dict[str, Asset]:
        """Returns the newest film of each aspect (``16:9``) and of each placement, by its name. Example:

        for aspect, film in (await studio.films(session.id)).items():
            await studio.save(film, Path(f"ad-{aspect.replace(':', 'x')}.mp4"))
        """
        from adreel.orchestrator.film_bundles import newest_films

        return newest_films(await self.session(session_id))

    async def passport(self, film: Asset) -> dict[str, Any]:
        """Returns the passport of a film: its credentials, what to state about it, its checks, licences and receipt. Raises
        NotFoundError for a draft and for a film of an older version."""
        return await self._bundles.passport(self._user, film.session_id, film.id)

    async def save_films(self, session_id: str, path: Path, *, existing: Existing = Existing.REFUSE) -> Path:
        """Writes the newest film of each aspect and placement to a zip file, each with captions and its passport. Example:

        await studio.save_films(session.id, Path("films.zip"))
        """
        return await written(path, existing, partial(self._bundles.write, self._user, session_id))

    async def wait(self, session_id: str, *, on_event: OnEvent = ignore_event) -> None:
        """Waits for the running job, if any; a job of a program that died resumes by itself."""
        job = (await self.session(session_id)).session.job
        if job is not None:
            await self._follow(session_id, job.id, on_event)

    async def cancel(self, session_id: str) -> None:
        """Cancels the running job; finished images and clips are kept."""
        await self._opened.orchestrator.cancel(self._user, session_id)

    async def unsettled(self, session_id: str) -> int:
        """Counts the open purchases of clips and images by the session's jobs: after a cancellation they are being cancelled.

        The ledger sweep handles answers of language models, which cost next to nothing.
        """
        calls = await self._core.ledger.open_calls(session_id=session_id)
        return sum(call.kind is not PurchaseKind.TEXT and not call.outside_job for call in calls)

    async def events(self, session_id: str, after: int = 0) -> AsyncIterator[SessionEvent]:
        """Yields the session's events after number `after`, then new events as they are published, until the caller stops."""
        await self._core.sessions.get(self._user, session_id)
        async with aclosing(self._core.progress.listen(session_id, after)) as events:
            async for event in events:
                yield event

    async def draft_film(
        self,
        session_id: str,
        *,
        aspect: str = "16:9",
        script: Ad | None = None,
        **options: Any,  # noqa: ANN401 (see compose_final_video)
    ) -> AsyncGenerator[bytes]:
        """Yields a draft of the session's film as fragmented MP4, which plays while it is drawn: of its approved clips, or with
        `script` of the beats of a script. `options` are those of `compose_final_video`. Nothing is stored.

            async with aclosing(studio.draft_film(session.id, script=ad)) as parts:
                async for part in parts:
                    player.write(part)

        Raises AdreelError before the first part for what the film would refuse, then at the place of the fault.
        """
        from adreel.domain.films.film_options import read_request
        from adreel.orchestrator.previews.session_drafts import DraftRequest

        view = await self.session(session_id)
        request = DraftRequest(read_request(options, view.session.seed), aspect, script)
        async with aclosing(self._drafts.stream(self._user, session_id, request)) as parts:
            async for part in parts:
                yield part

    async def save(self, asset: Asset, path: Path, *, existing: Existing = Existing.REFUSE) -> Path:
        """Writes a copy of an image, clip or film to `path`, of a film in its one aspect (`films` has all of them).

        Returns the path, which differs when `existing` numbers it.
        """
        storage = self._core.storage
        return await written(path, existing, partial(storage.download_file, storage.url(asset.storage_key)))

    async def segment(self, clip: Asset) -> Segment:
        """Returns the clip's encoded segment, in a local file."""
        from adreel.media.segments.store import SegmentStore
        from adreel.services.storage.segments import SegmentExchange

        store = SegmentStore(self._core.settings.data_dir / "cache" / "segments")
        return await SegmentExchange(self._core.storage, store, self._work).bring(clip.clip_details.segment)

    @property
    def _bundles(self) -> FilmBundles:
        from adreel.orchestrator.film_bundles import FilmBundles

        return FilmBundles(self._core.sessions, self._core.ledger, self._core.storage, self._work)

    @cached_property
    def _drafts(self) -> SessionDrafts:
        """Kept, as what drafts have in common is made once."""
        from adreel.bootstrap.drafts import open_local_session_drafts

        return open_local_session_drafts(self._core)

    @property
    def _scripts(self) -> ScriptCommands:
        from adreel.orchestrator.session_scripts import ScriptCommands

        return ScriptCommands(self._core.sessions, self._core.progress, self._core.brands)

    async def _follow(self, session_id: str, job_id: str, on_event: OnEvent) -> None:
        """Passes events on until the job has ended. Raises CancelledError or GenerationError if it did not succeed."""
        from adreel.domain.sessions.jobs import END

        async with aclosing(self._core.progress.listen(session_id, 0)) as events:
            async for event in events:
                if event.data.get("job") != job_id:
                    continue
                on_event(event)
                if END in event.data:
                    return _check_end(event, str(event.data[END]))
        raise NotFoundError("the session was deleted while its job was running")


def _check_end(event: SessionEvent, end: str) -> None:
    if event.stage is Stage.FAILED:
        raise GenerationError(event.message)
    if end == "cancelled":
        raise CancelledError("the job was cancelled; finished images and clips are kept")
