"""Makes a session's finished film in one aspect into a recorded asset."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from adreel.agents.base import AgentInput
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder
from adreel.agents.tally import PartWatch
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.domain.clip import Clip
from adreel.domain.color import Color
from adreel.domain.errors import ClipError, GenerationError, InputError, NotFoundError, RenderError
from adreel.domain.events import Watch
from adreel.domain.film import FilmSpec, Transition
from adreel.domain.fit import Fit
from adreel.domain.formats import ASPECTS, FPS, FrameSize, to_seconds
from adreel.domain.ports import Shot
from adreel.domain.scene import ApprovedImage, ViewType
from adreel.domain.session import Asset, AssetKind, Json, SessionView
from adreel.media.photos import Photo, load_photo
from adreel.media.segment_exchange import size_of
from adreel.media.segments import file_digest
from adreel.options import FilmOptions, film_spec
from adreel.orchestrator.checkpoints import Checkpoint, Point, pass_by
from adreel.orchestrator.clip_maker import Rooms
from adreel.orchestrator.film_wishes import wishes_of
from adreel.orchestrator.orders import FilmJob, asset_id, digest_of, read_scene
from adreel.orchestrator.relay import relayed
from adreel.orchestrator.reports import Reporter
from adreel.providers.rules import read_mood
from adreel.services.records import CostEntry, NewAsset
from adreel.services.session_service import SessionService

AGENT = "compositor"
"""Whom the costs of films are put down to."""

MODEL = "local"
"""Films are composed here, whatever their clips were made by."""

NEUTRAL_COLOR = Color(31, 41, 55)
"""Cards of films whose product is not known."""

_DRAWN = 0.6
"""Share of the work that is drawing when clips must be drawn again in another size."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """What composing one film costs, in US dollars."""

    film: Decimal = Decimal("0.00")


class FilmAssetMaker:
    """`sizes` are the frame sizes of aspects; `color_of` finds a product's colour in its photo."""

    def __init__(
        self,
        agent: VideoGeneratorAgent,
        compositor: CompositionLayer,
        sessions: SessionService,
        rooms: Rooms,
        reporter: Reporter,
        color_of: Callable[[Photo], Color],
        sizes: Mapping[str, FrameSize] = ASPECTS,
        pricing: Pricing | None = None,
        clock: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._agent = agent
        self._compositor = compositor
        self._sessions = sessions
        self._rooms = rooms
        self._reporter = reporter
        self._color_of = color_of
        self._sizes = sizes
        self._pricing = pricing or Pricing()
        self._clock = clock
        self._checkpoint = checkpoint

    async def make(self, job: FilmJob, index: int) -> str:
        """The asset id of the film in the job's `index`th aspect; a film of the same request is not made again.

        Raises ClipError, RenderError, CheckError, InputError, StorageError.
        """
        aspect = job.aspects[index]
        view = await self._sessions.view(job.session_id)
        clips = _chosen(view, job.clips)
        spec = await self._spec(job, aspect)
        request = _request(spec, clips, job)
        for film in view.of_kind(AssetKind.FINAL):
            if film.request == request:
                return film.id
        started = self._clock()

        async def tell(fraction: float, message: str) -> None:
            whole = (index + fraction) / len(job.aspects)
            await self._reporter.composing(job.session_id, job.job_id, whole, f"Composing {aspect}: {message}")

        async with relayed(tell) as watch:
            made = await self._compose(job, view, clips, spec, watch)
        return await self._store(job, aspect, request, made, started)

    async def _compose(
        self, job: FilmJob, view: SessionView, clips: Sequence[Asset], spec: FilmSpec, watch: Watch
    ) -> FilmMade:
        self._checkpoint(Point.COMPOSING, "film")
        drawn = [clip for clip in clips if self._is_redrawn(clip, spec.size)]
        start = _DRAWN if drawn else 0.0
        ready: list[Clip] = []
        for number, clip in enumerate(clips, start=1):
            place = drawn.index(clip) if clip in drawn else 0
            part = PartWatch(watch, start * place / max(len(drawn), 1), start * (place + 1) / max(len(drawn), 1))
            try:
                ready.append(await self._clip(clip, view, spec.size, part))
            except (InputError, GenerationError, RenderError) as error:
                raise RenderError(f"clip {number} could not be made for {spec.size.aspect}: {error}") from error
        order = FilmOrder(tuple(ready), spec)
        output = await self._compositor.process(AgentInput(job.session_id, order, PartWatch(watch, start, 1.0)))
        if output.data is None:
            raise output.errors[0]
        return output.data

    def _is_redrawn(self, clip: Asset, size: FrameSize) -> bool:
        return size_of(clip.details["segment"]) != size and self._agent.draws(clip.model or "")

    async def _clip(self, clip: Asset, view: SessionView, size: FrameSize, watch: Watch) -> Clip:
        """The clip as the compositor takes it: its segment, another one drawn in the film's size, or what was bought."""
        frames = int(clip.details["clip_frames"])
        if size_of(clip.details["segment"]) == size:
            segment = await self._rooms.exchange.bring(clip.details["segment"])
            return Clip(clip.id, frames, segment=segment)
        if self._agent.draws(clip.model or ""):
            shot = await self._shot(clip, view, size, frames)
            return Clip(clip.id, frames, segment=await self._agent.draw(shot, clip.model or "", watch))
        source = await self._rooms.files.path(clip.storage_key, clip.content_hash)
        return Clip(clip.id, frames, source=source, smooth=True)

    async def _shot(self, clip: Asset, view: SessionView, size: FrameSize, frames: int) -> Shot:
        image = next((image for image in view.of_kind(AssetKind.IMAGE) if image.id == clip.source_image_id), None)
        if image is None:
            raise ClipError(
                f"clip {clip.id} cannot be drawn for {size.aspect}: its photo was removed; choose another clip"
            )
        path = await self._rooms.files.path(image.storage_key, image.content_hash)
        approved = ApprovedImage(image.id, path, ViewType(image.view_type or ViewType.FRONT))
        return Shot(approved, read_scene(clip.details["scene"]), size, frames, int(clip.details["seed"]))

    async def _spec(self, job: FilmJob, aspect: str) -> FilmSpec:
        color = NEUTRAL_COLOR
        if job.look_image is not None and job.options.get("color") is None:
            path = await self._rooms.files.path(job.look_image.key, job.look_image.content_hash)
            color = await asyncio.to_thread(lambda: self._color_of(load_photo(path)))
        return await asyncio.to_thread(spec_of, job.options, aspect, job.prompt, color, self._sizes)

    async def _store(self, job: FilmJob, aspect: str, request: str, made: FilmMade, started: float) -> str:
        new_id = asset_id(job.session_id, request)
        key = f"sessions/{job.session_id}/films/{new_id}.mp4"
        self._rooms.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._rooms.work, prefix="film-") as folder:
            film = Path(folder) / "film.mp4"
            await self._compositor.storage.move_out(made.url, film)
            content_hash = await asyncio.to_thread(file_digest, film)
            await self._rooms.storage.take_file(film, "video/mp4", key)
        self._checkpoint(Point.FILM_STORED, "film")
        taken = self._clock() - started
        asset = NewAsset(
            kind=AssetKind.FINAL,
            storage_key=key,
            content_hash=content_hash,
            content_type="video/mp4",
            size_bytes=made.size_bytes,
            id=new_id,
            request=request,
            model=MODEL,
            cost=self._pricing.film,
            generation_time=round(taken, 3),
            details=_details(made, aspect, job),
        )
        cost = CostEntry(f"film:{new_id}", AGENT, MODEL, self._pricing.film, taken)
        return (await self._sessions.add_made(job.session_id, asset, cost, None)).id


def spec_of(options: Json, aspect: str, prompt: str, color: Color, sizes: Mapping[str, FrameSize]) -> FilmSpec:
    """The film's data. Raises InputError, TextError, MusicError. Reads fonts: not for the event loop."""
    given: dict[str, Any] = {
        **options,
        "aspect": aspect,
        # As JSON they are words.
        "transition": Transition(options["transition"]),
        "fit": Fit(options["fit"]),
    }
    return replace(film_spec(FilmOptions(**given), read_mood(prompt), color), size=sizes[aspect])


def _chosen(view: SessionView, ids: Sequence[str]) -> list[Asset]:
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    missing = [each for each in ids if each not in clips]
    if missing:
        raise NotFoundError(f"there is no clip {missing[0]} in this session; approve clips again")
    return [clips[each] for each in ids]


def _request(spec: FilmSpec, clips: Sequence[Asset], job: FilmJob) -> str:
    chosen = [(clip.id, clip.content_hash) for clip in clips]
    return digest_of("film", chosen, {**job.options}, asdict(spec.size), spec.text.color.hex, job.prompt)


def _details(made: FilmMade, aspect: str, job: FilmJob) -> Json:
    return {
        "duration": to_seconds(made.frames),
        "resolution": f"{made.size.width}x{made.size.height}",
        "fps": FPS,
        "frames": made.frames,
        "format": "mp4",
        "aspect": aspect,
        "checks": [asdict(check) for check in made.checks],
        "clips": list(job.clips),
        "options": wishes_of(job.options),
    }
