"""Makes a planned film in its session; after a crash, a new run resumes and buys nothing twice.

Also converts the session's events to progress of the whole film, and collects their failures and warnings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from adreel.agents.film_orders import Delivery, JoinOrder
from adreel.agents.maker import FilmMaker
from adreel.agents.passport_files import write_passport
from adreel.agents.script import Storyboard
from adreel.billing.clip_quality import fit_of_resolution
from adreel.domain.errors import AdreelError, GenerationError
from adreel.domain.films.clip import Clip
from adreel.domain.films.image_names import image_names, photo_names
from adreel.domain.sessions.details import GeneratedImage
from adreel.domain.sessions.session import Asset, AssetKind, SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.domain.work.percentages import HOSTED_SPANS, ProgressStage, film_progress
from adreel.domain.work.progress import Progress, ProgressSink
from adreel.media.cache_uses import used_by
from adreel.media.scratch import scratch_folder
from adreel.studio.hosted_plan import HostedPlan
from adreel.studio.sessions import SessionsApi


class EventReader:
    """Converts session events to film progress. `spent` is the session's cost so far, in US dollars.

    `failures` describe the images and clips that could not be made, `notes` are warnings.
    """

    def __init__(self, sink: ProgressSink, spent: Decimal) -> None:
        self._sink = sink
        self._percent = 0.0
        self._cost = spent
        self.failures: list[str] = []
        self.notes: list[str] = []

    def reading(self) -> None:
        self._report(Progress(ProgressStage.READING, HOSTED_SPANS[ProgressStage.READING].start, "reading photos"))

    def event(self, event: SessionEvent) -> None:
        """Handles one event of the session."""
        self._cost = event.current_cost
        self.failures += event.data.get("failures") or []
        self.notes += [event.data["warning"]] if event.data.get("warning") else []
        reached = film_progress(event.stage, event.progress)
        if reached is not None:
            self._report(Progress(*reached, event.message))

    def film(self, progress: Progress) -> None:
        """Handles progress of the composition, which is already in percent of the whole film."""
        self._report(progress)

    def _report(self, progress: Progress) -> None:
        self._percent = max(self._percent, progress.percent)
        self._sink(replace(progress, percent=self._percent, cost=self._cost))


_POLL_SECONDS = 0.2
_STOP_POLLS = 50


class HostedFilms:
    """Buys with `studio`, which must be open, and joins with `maker`. `work` is a folder for temporary files."""

    def __init__(self, studio: SessionsApi, maker: FilmMaker, work: Path) -> None:
        self._studio = studio
        self._maker = maker
        self._work = work

    async def make(self, plan: HostedPlan, sink: ProgressSink) -> Delivery:
        """Makes the film. Raises AdreelError. A cancellation stops all buying and cancels open orders at the provider."""
        reader = EventReader(sink, plan.spent)
        reader.reading()
        session_id = plan.session_id
        order = plan.order
        await self._studio.resume_session(session_id, order.prompt, seed=order.film.seed, budget=plan.budget)
        try:
            images = await self._images(plan, reader)
            clips = await self._clips(plan, images, reader)
        except asyncio.CancelledError:
            await self._call_off(session_id)
            raise
        with used_by(session_id):
            return await self._film(plan, images, clips, reader)

    async def _images(self, plan: HostedPlan, reader: EventReader) -> list[Asset]:
        """Returns the user's photos, then the generated images."""
        session_id, order = plan.session_id, plan.order
        # A job of a killed run resumes by itself.
        await self._studio.wait(session_id, on_event=reader.event)
        own, generated = await self._present(session_id)
        if len(own) < plan.photos:
            own = await self._add_photos(plan)
        if plan.choice.image and len(generated) < order.images:
            await self._studio.generate_images(
                session_id,
                order.prompt,
                count=order.images,
                model=plan.choice.image.name,
                aspect=order.film.aspect,
                on_event=reader.event,
            )
            _, generated = await self._present(session_id)
        return [*own, *generated[: order.images]]

    async def _present(self, session_id: str) -> tuple[list[Asset], list[Asset]]:
        """Returns the session's uploaded photos and its generated images, each in order."""
        images = (await self._studio.session(session_id)).of_kind(AssetKind.IMAGE)
        generated = [image for image in images if image.model is not None]
        return [image for image in images if image.model is None], sorted(generated, key=_place)

    async def _add_photos(self, plan: HostedPlan) -> list[Asset]:
        photos = plan.order.photos
        if plan.is_framed:
            return list(await self._studio.add_framings(plan.session_id, photos[0]))
        return list(await self._studio.add_images(plan.session_id, photos))

    async def _clips(self, plan: HostedPlan, images: Sequence[Asset], reader: EventReader) -> list[Asset]:
        """Returns one clip of each image, in their order, except of images whose clip failed."""
        session_id, order = plan.session_id, plan.order
        made = await self._made(plan, images)
        if None in made:
            await self._studio.save_approved_images(session_id, [image.id for image in images])
            await self._save_script(plan)
            await self._studio.generate_clips(
                session_id,
                plan.prompt,
                clip_duration=order.clip_seconds,
                model=plan.choice.video.name,
                aspect=order.film.aspect,
                on_event=reader.event,
            )
            made = await self._made(plan, images)
        clips = [clip for clip in made if clip is not None]
        if (await self._studio.session(session_id)).session.stage is Stage.CLIP_SELECTION:
            # For users who open the session elsewhere, for example on the page.
            await self._studio.save_approved_clips(session_id, [clip.id for clip in clips])
        return clips

    async def _save_script(self, plan: HostedPlan) -> None:
        """Stores the script in the session, which then makes a clip for each of its beats."""
        if plan.scripted is not None:
            view = await self._studio.session(plan.session_id)
            await self._studio.save_session_script(plan.session_id, plan.scripted.in_session(view))

    async def _made(self, plan: HostedPlan, images: Sequence[Asset]) -> list[Asset | None]:
        """The newest take of the clip of each image, or of each beat of a script; None for one that is missing."""
        view = await self._studio.session(plan.session_id)
        if plan.scripted is not None:
            return await asyncio.to_thread(plan.scripted.made, view, plan.order, plan.choice.video)
        clips = sorted(view.of_kind(AssetKind.CLIP), key=lambda clip: clip.take)
        by_image = {clip.source_image_id: clip for clip in clips}
        return [by_image.get(image.id) for image in images]

    async def _film(
        self, plan: HostedPlan, images: Sequence[Asset], clips: Sequence[Asset], reader: EventReader
    ) -> Delivery:
        with scratch_folder(self._work, "look-") as folder:
            look = await self._studio.save(images[0], folder / "look")
            delivery = await self._maker.join(
                await self._join_order(plan, clips, look, folder), reader.film, HOSTED_SPANS
            )
        total, _ = await self._studio.costs(plan.session_id)
        passport = ()
        if plan.order.passport:
            calls = (*plan.order.bought, *await self._studio.purchases(plan.session_id))
            passport = await write_passport(delivery.path, delivery.film, calls)
        return replace(
            delivery,
            cost=total + plan.order.spent_before,
            cost_now=total - plan.spent,
            failed=tuple(GenerationError(failure) for failure in reader.failures),
            model=plan.choice.video.name,
            session_id=plan.session_id,
            notes=(*plan.notes, *reader.notes, *delivery.notes),
            names=image_names(images) if plan.scripted is None else photo_names(plan.scripted.board.images),
            passport=passport,
        )

    async def _join_order(self, plan: HostedPlan, clips: Sequence[Asset], look: Path, folder: Path) -> JoinOrder:
        """`folder` keeps the files of clips until the film is made."""
        order, scripted = plan.order, plan.scripted
        if scripted is None:
            encoded = [await self._encoded(clip) for clip in clips]
            return JoinOrder(tuple(encoded), order.out, order.prompt, look, order.film, order.existing)
        shown = [await self._beat_clip(scripted.board, clip, folder) for clip in clips]
        board = scripted.board
        facts = (tuple(shown), order.out, board.prompt, look, board.film, order.existing)
        return JoinOrder(*facts, board=board)

    async def _beat_clip(self, board: Storyboard, clip: Asset, folder: Path) -> Clip:
        """The clip as its beat shows it: its stored segment if it is just that, else its file, to be cut and get the words."""
        details = clip.clip_details
        place = details.place or 0
        plan = board.plans[place]
        frames = min(plan.frames, details.clip_frames)
        shown = replace(await self._encoded(clip), frames=frames, source_image_id=board.images[place].id)
        if not (plan.words or plan.mark or plan.captions) and frames == details.clip_frames:
            return shown
        source = await self._studio.save(clip, folder / f"{clip.id}.mp4")
        fit = fit_of_resolution(details.segment.size, details.resolution)
        return replace(
            shown,
            segment=None,
            source=source,
            smooth=True,
            fit=fit,
            words=plan.words,
            text_style=plan.text_style,
            mark=plan.mark,
            captions=plan.captions,
            caption_style=plan.caption_style,
        )

    async def _encoded(self, clip: Asset) -> Clip:
        """Returns the clip with its stored segment, so that it is not encoded again."""
        segment = await self._studio.segment(clip)
        return Clip(
            id=clip.id,
            frames=segment.frames,
            segment=segment,
            source_image_id=clip.source_image_id,
            scene=clip.clip_details.scene,
            model=clip.model,
            cost=clip.cost,
            generation_time=clip.generation_time,
        )

    async def _call_off(self, session_id: str) -> None:
        """Cancels the job and its orders. The next run's sweep settles orders that cannot be cancelled in time."""
        with suppress(AdreelError):
            await self._studio.cancel(session_id)
            for _ in range(_STOP_POLLS):
                if not await self._studio.unsettled(session_id):
                    return
                await asyncio.sleep(_POLL_SECONDS)


def _place(image: Asset) -> tuple[int, int]:
    made = image.image_details.generated or GeneratedImage()
    return made.batch, made.index
