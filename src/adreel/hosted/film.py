"""Makes a planned film in its session. Killed anywhere and begun again, it goes on with what was bought."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from adreel.domain.clip import Clip
from adreel.domain.errors import AdreelError, GenerationError
from adreel.domain.events import HOSTED_SPANS, ProgressSink
from adreel.domain.session import Asset, AssetKind
from adreel.domain.stage import Stage
from adreel.hosted.plan import HostedPlan
from adreel.hosted.told import Told
from adreel.maker import Delivery, FilmMaker, JoinOrder
from adreel.orchestrator.orders import read_scene
from adreel.verbs import SessionVerbs

_LOOK_SECONDS = 0.2
_STOP_LOOKS = 50


class HostedFilms:
    """`studio` is open, and buys; `maker` joins what was bought. `work` is a folder for files in transit."""

    def __init__(self, studio: SessionVerbs, maker: FilmMaker, work: Path) -> None:
        self._studio = studio
        self._maker = maker
        self._work = work

    async def make(self, plan: HostedPlan, sink: ProgressSink) -> Delivery:
        """Raises AdreelError. When it is stopped, nothing more is bought, and what is under way is stopped at the provider."""
        told = Told(sink, plan.spent)
        told.reading()
        session_id = plan.session_id
        order = plan.order
        await self._studio.resume_session(session_id, order.prompt, seed=order.film.seed, budget=plan.budget)
        try:
            images = await self._images(plan, told)
            clips = await self._clips(plan, images, told)
        except asyncio.CancelledError:
            await self._call_off(session_id)
            raise
        return await self._film(plan, images[0], clips, told)

    async def _images(self, plan: HostedPlan, told: Told) -> list[Asset]:
        """The person's photos, then what was made of words."""
        session_id, order = plan.session_id, plan.order
        # What a run that was killed has begun goes on by itself.
        await self._studio.wait(session_id, on_event=told.event)
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
                on_event=told.event,
            )
            _, generated = await self._present(session_id)
        return [*own, *generated[: order.images]]

    async def _present(self, session_id: str) -> tuple[list[Asset], list[Asset]]:
        """The person's photos and the pictures made of words that are in the session, each in their order."""
        images = (await self._studio.session(session_id)).of_kind(AssetKind.IMAGE)
        generated = [image for image in images if image.model is not None]
        return [image for image in images if image.model is None], sorted(generated, key=_place)

    async def _add_photos(self, plan: HostedPlan) -> list[Asset]:
        photos = plan.order.photos
        if plan.is_framed:
            return list(await self._studio.add_framings(plan.session_id, photos[0]))
        return list(await self._studio.add_images(plan.session_id, photos))

    async def _clips(self, plan: HostedPlan, images: Sequence[Asset], told: Told) -> list[Asset]:
        """A clip of each image in their order, but of those that gave none."""
        session_id, order = plan.session_id, plan.order
        made = await self._made(session_id)
        if any(image.id not in made for image in images):
            await self._studio.save_approved_images(session_id, [image.id for image in images])
            await self._studio.generate_clips(
                session_id,
                order.prompt,
                clip_duration=order.clip_seconds,
                model=plan.choice.video.name,
                aspect=order.film.aspect,
                on_event=told.event,
            )
            made = await self._made(session_id)
        clips = [made[image.id] for image in images if image.id in made]
        if (await self._studio.session(session_id)).session.stage is Stage.CLIP_SELECTION:
            # For whoever opens the session elsewhere.
            await self._studio.save_approved_clips(session_id, [clip.id for clip in clips])
        return clips

    async def _made(self, session_id: str) -> dict[str, Asset]:
        """Clips by the images that they are of: the newest take of each."""
        clips = (await self._studio.session(session_id)).of_kind(AssetKind.CLIP)
        return {clip.source_image_id or "": clip for clip in sorted(clips, key=lambda clip: clip.take)}

    async def _film(self, plan: HostedPlan, look: Asset, clips: Sequence[Asset], told: Told) -> Delivery:
        order, ready = plan.order, [await self._ready(clip) for clip in clips]
        self._work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._work, prefix="look-") as folder:
            picture = await self._studio.save(look, Path(folder) / "look")
            joined = JoinOrder(tuple(ready), order.out, order.prompt, picture, order.film)
            delivery = await self._maker.join(joined, told.film, HOSTED_SPANS)
        total, _ = await self._studio.costs(plan.session_id)
        return replace(
            delivery,
            cost=total,
            cost_now=total - plan.spent,
            failed=tuple(GenerationError(words) for words in told.failures),
            model=plan.choice.video.name,
            session_id=plan.session_id,
            notes=tuple(told.notes),
        )

    async def _ready(self, clip: Asset) -> Clip:
        """The clip as it was encoded when it came: it is not encoded again."""
        segment = await self._studio.segment(clip)
        return Clip(
            id=clip.id,
            frames=segment.frames,
            segment=segment,
            source_image_id=clip.source_image_id,
            scene=read_scene(clip.details["scene"]),
            model=clip.model,
            cost=clip.cost,
            generation_time=clip.generation_time,
        )

    async def _call_off(self, session_id: str) -> None:
        """Nothing more is bought from here on. Purchases that cannot be stopped in time are left to the next run's sweep."""
        with suppress(AdreelError):
            await self._studio.cancel(session_id)
            for _ in range(_STOP_LOOKS):
                if not await self._studio.unsettled(session_id):
                    return
                await asyncio.sleep(_LOOK_SECONDS)


def _place(image: Asset) -> tuple[int, int]:
    return image.details["batch"], image.details["index"]
