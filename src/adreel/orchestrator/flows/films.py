"""The flow of finished films. ComposeFlow makes one film for each aspect, a step each, then completes the session.
FilmAssetMaker makes one film and records it as an asset.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath

from adreel.agents.agent import AgentInput
from adreel.agents.captioning import caption_notes, caption_texts, shown_rate
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.clip_jobs import FilmJob, asset_id, digest_of
from adreel.billing.crash_points import Checkpoint, CrashPoint, no_op
from adreel.domain.ad import EndCard
from adreel.domain.errors import (
    ClipError,
    GenerationError,
    InputError,
    NotFoundError,
    PhotoError,
    RenderError,
)
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.film import FilmSpec, Fit
from adreel.domain.films.film_files import NO_FILES, FilmFiles
from adreel.domain.films.film_options import to_json
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.machine_faults import machine_faults
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.sessions.details import CaptionFile, FilmDetails
from adreel.domain.sessions.session import Asset, AssetKind, Json, SessionView
from adreel.domain.work.percentages import CLIPS_REDRAWN, ProgressSpan
from adreel.domain.work.progress import FrameProgress, PartReporter
from adreel.domain.work.tracing import span
from adreel.media.photos.photo import Photo
from adreel.media.scratch import scratch_folder
from adreel.media.segments.sizes import segment_bytes
from adreel.media.segments.store import file_digest
from adreel.media.speech.voice import SPEECH_VERSION
from adreel.media.timeline import Item, film_timeline
from adreel.orchestrator.engine.steps import Steps
from adreel.orchestrator.film_brands import brought, speaker_of
from adreel.orchestrator.film_speech import captions_of, spoken_spec, with_shot_captions
from adreel.orchestrator.flows.clip_maker import FileStores
from adreel.orchestrator.flows.film_inputs import FilmInputs, image_model
from adreel.orchestrator.flows.job_steps import TRIES, run_job
from adreel.orchestrator.flows.progress import Endings, Reporter
from adreel.orchestrator.flows.thread_progress import ThreadedWork, with_thread_progress
from adreel.orchestrator.script_jobs import FilmClip, ScriptFilm, film_for, film_of
from adreel.placements.loader import Placements, find_placements, load_placements
from adreel.placements.placement import Placement
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.records import CostEntry, NewAsset
from adreel.services.sessions.service import SessionService
from adreel.services.storage.keys import type_of

AGENT = "compositor"
"""The agent that the costs of films are recorded for."""

MODEL = "local"
"""The model of films: they are composed locally, whatever the models of their clips."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """The price of composing one film, in US dollars."""

    film: Decimal = Decimal("0.00")


_COPIES = 2
"""Copies on the disk: segments and film; on one disk the film is moved, not copied."""


@dataclass(frozen=True, slots=True)
class ComposedFilm:
    """The WorkReporter of the film in the job's `index`th aspect."""

    reporter: Reporter
    job: FilmJob
    index: int

    async def report(self, fraction: float, message: str) -> None:
        whole, aspect = (self.index + fraction) / len(self.job.aspects), self.job.aspects[self.index]
        await self.reporter.composing(self.job.session_id, self.job.job_id, whole, f"Composing {aspect}: {message}")


class FilmAssetMaker:
    """`sizes` are the frame sizes of aspects; `color_of` finds a product's colour in its photo; `placements` by name, by default
    those that ship."""

    def __init__(
        self,
        agent: VideoGeneratorAgent,
        compositor: CompositionLayer,
        sessions: SessionService,
        stores: FileStores,
        reporter: Reporter,
        photos: PhotoService,
        color_of: Callable[[Photo], Color],
        sizes: Mapping[str, FrameSize] = ASPECTS,
        pricing: Pricing | None = None,
        clock: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = no_op,
        placements: Placements | None = None,
    ) -> None:
        self._placements = load_placements() if placements is None else placements
        self._agent = agent
        self._compositor = compositor
        self._sessions = sessions
        self._stores = stores
        self._reporter = reporter
        self._inputs = FilmInputs(stores.files, photos, color_of, sizes)
        self._pricing = pricing or Pricing()
        self._clock = clock
        self._checkpoint = checkpoint

    async def make(self, job: FilmJob, index: int) -> str:
        """The asset id of the film in the job's `index`th aspect; a film of the same request is not made again.

        Raises ClipError, RenderError, CheckError, InputError, StorageError.
        """
        aspect, placement = job.aspects[index], self._placement(job.placement(index))
        view = await self._sessions.view(job.session_id)
        chosen = _chosen(view, job.clips)
        draws = {name: self._agent.draws(name) for name in self._agent.models}
        speaker = await speaker_of(job.pronunciations, job.recordings, self._stores.files)
        film = await asyncio.to_thread(film_of, job, chosen, draws, speaker)
        spec = await self._inputs.spec(job, film, aspect, own=await brought(job.files, self._stores.files))
        if placement is not None and spec.fit is Fit.BLUR:
            # Blurred borders cost room, and some platforms refuse them: only where the product would not fit.
            spec = replace(spec, fit=Fit.FOLLOW)
        film = with_shot_captions(film_for(placement, film, job, chosen, draws, spec), spec.composed_for or spec.size)
        spec = film.timed(spec)
        request = _request(spec, film.clips, job, placement)
        for made_before in view.of_kind(AssetKind.FINAL):
            if made_before.request == request:
                return made_before.id
        started = self._clock()

        with machine_faults():
            async with self._stores.space.reserved_for(_bytes(film.clips, spec), f"the film in {aspect}"):
                async with with_thread_progress(ComposedFilm(self._reporter, job, index)) as threads:
                    made, captions = await self._compose(job, view, film, spec, placement, threads)
                with span("store", of="film", bytes=made.size_bytes):
                    return await self._store(job, index, request, made, captions, started)

    def _placement(self, name: str) -> Placement | None:
        """Raises InputError for a placement that was removed from the user's file since the job was accepted."""
        return find_placements(self._placements, (name,))[0] if name else None

    async def _compose(
        self,
        job: FilmJob,
        view: SessionView,
        film: ScriptFilm,
        spec: FilmSpec,
        placement: Placement | None,
        threads: ThreadedWork,
    ) -> tuple[FilmMade, Mapping[str, str]]:
        """The film, and the texts of its caption files by their suffix."""
        self._checkpoint(CrashPoint.COMPOSING, "film")
        clips = film.clips
        drawing = ProgressSpan(0, CLIPS_REDRAWN if any(self._is_redrawn(clip, spec.size) for clip in clips) else 0)
        ready, notes = await self._ready(view, clips, spec, threads, drawing)
        spec, captions = spoken_spec(film, spec, ready), captions_of(film, spec, ready)
        track = captions if film.options.captions.in_track else None
        rest = PartReporter(threads.reporter, ProgressSpan(drawing.end, 1))
        with self._agent.processor.long_work(view.session.user_id):
            order = FilmOrder(ready, spec, await self._inputs.photos_of(clips, view), placement, track)
            output = await self._compositor.process(AgentInput(job.session_id, order, rest, threads.cancellation))
        if output.data is None:
            raise output.errors[0]
        said = caption_notes(film.options, film.lines.values())
        made = replace(output.data, notes=(*film.notes, *notes, *output.data.notes, *said))
        if captions is None or not film.options.captions.in_files:
            return made, {}
        frames = film_timeline(spec, [Item(clip.id, clip.frames) for clip in ready]).frames
        return made, caption_texts(captions, shown_rate(frames, made))

    async def _ready(
        self,
        view: SessionView,
        clips: Sequence[FilmClip],
        spec: FilmSpec,
        threads: ThreadedWork,
        drawing: ProgressSpan,
    ) -> tuple[tuple[Clip, ...], list[str]]:
        """Returns the clips in the film's size, and notes about those that their photo does not give in this size.

        Raises ClipError when there is none, or when another failure concerns one; RenderError for a fault of the service.
        """
        size = spec.size
        drawn = [clip for clip in clips if self._is_redrawn(clip, size)]
        ready: list[Clip] = []
        notes: list[str] = []
        for number, clip in enumerate(clips, start=1):
            place = drawn.index(clip) if clip in drawn else 0
            each = ProgressSpan(drawing.at(place / max(len(drawn), 1)), drawing.at((place + 1) / max(len(drawn), 1)))
            try:
                part = PartReporter(threads.reporter, each)
                progress = FrameProgress(part, threads.cancellation, clip.frames)
                ready.append(await self._clip(clip, view, spec, progress))
            except PhotoError as error:
                notes.append(f"clip {number} is not in the film in {size.aspect}: {error}")
            except (InputError, GenerationError) as error:
                raise ClipError(f"clip {number} could not be made for {size.aspect}: {error}") from error
            except RenderError as error:
                raise RenderError(f"clip {number} could not be made for {size.aspect}: {error}") from error
        if not ready:
            raise ClipError("; ".join(notes))
        return tuple(ready), notes

    def _is_redrawn(self, clip: FilmClip, size: FrameSize) -> bool:
        return not _is_ready(clip, size) and self._agent.draws(clip.asset.model or "")

    async def _clip(self, clip: FilmClip, view: SessionView, spec: FilmSpec, progress: FrameProgress) -> Clip:
        """The clip for the compositor: its segment, a segment drawn in the film's size and words, or the bought file."""
        asset, size = clip.asset, spec.size
        made = Clip(asset.id, clip.frames, model=asset.model, image_model=image_model(asset, view))
        is_drawn = self._agent.draws(asset.model or "")
        if _is_ready(clip, size):
            # The file of a bought clip is part of the film's credentials, with those of its maker.
            source = None if is_drawn else await self._inputs.kept(asset)
            segment = await self._stores.exchange.bring(asset.clip_details.segment)
            return replace(made, segment=segment, source=source, smooth=not is_drawn)
        if is_drawn:
            shot = await self._inputs.shot(clip, view, spec)
            drawn = await self._agent.draw(
                shot, asset.model or "", progress, user_id=view.session.user_id, profile=spec.profile
            )
            return replace(made, segment=drawn)
        return await self._inputs.file_clip(clip, view, spec)

    async def _store(
        self,
        job: FilmJob,
        index: int,
        request: str,
        made: FilmMade,
        captions: Mapping[str, str],
        started: float,
    ) -> str:
        new_id = asset_id(job.session_id, request)
        key = f"sessions/{job.session_id}/films/{new_id}.mp4"
        with scratch_folder(self._stores.work, "film-") as folder:
            film = folder / "film.mp4"
            await self._compositor.storage.move_out(made.url, film)
            content_hash = await asyncio.to_thread(file_digest, film)
            files = await self._store_captions(folder, key, captions)
            await self._stores.storage.take_file(film, "video/mp4", key)
        self._checkpoint(CrashPoint.FILM_STORED, "film")
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
            details=replace(_details(made, index, job), captions=files),
        )
        cost = CostEntry(f"film:{new_id}", AGENT, MODEL, self._pricing.film, taken)
        return (await self._sessions.add_made(job.session_id, asset, cost)).id

    async def _store_captions(self, folder: Path, key: str, texts: Mapping[str, str]) -> tuple[CaptionFile, ...]:
        """Stores the caption files of the film of this key beside it."""
        made: list[CaptionFile] = []
        for suffix, text in texts.items():
            file, data = folder / f"captions{suffix}", text.encode()
            await asyncio.to_thread(file.write_bytes, data)
            made.append(CaptionFile(suffix, str(PurePosixPath(key).with_suffix(suffix)), len(data)))
            await self._stores.storage.take_file(file, type_of(made[-1].storage_key), made[-1].storage_key)
        return tuple(made)


def _chosen(view: SessionView, ids: Sequence[str]) -> list[Asset]:
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    missing = [each for each in ids if each not in clips]
    if missing:
        raise NotFoundError(f"there is no clip {missing[0]} in this session; approve clips again")
    return [clips[each] for each in ids]


def _is_ready(clip: FilmClip, size: FrameSize) -> bool:
    """Whether the stored segment is what the film shows."""
    return clip.asset.clip_details.segment.size == size and clip.is_stored


def _bytes(clips: Sequence[FilmClip], spec: FilmSpec) -> int:
    """The bytes of the segments of clips and cards, and of the film."""
    cards = spec.intro_frames + spec.outro_frames
    return _COPIES * segment_bytes(spec.size, cards + sum(clip.frames for clip in clips))


def _request(spec: FilmSpec, clips: Sequence[FilmClip], job: FilmJob, placement: Placement | None) -> str:
    chosen = [(clip.asset.id, clip.asset.content_hash) for clip in clips]
    # A film without a script or a placement keeps the digest that it had before there were any.
    script = () if job.script is None else (to_document(job.script), [clip.frames for clip in clips])
    named = () if placement is None else (placement.name, [clip.frames for clip in clips])
    brand = () if job.files == NO_FILES and job.end is None else (_contents(job.files), asdict(job.end or EndCard()))
    recorded = {name: ref.content_hash for name, ref in job.recordings.items()}
    said = (job.pronunciations, recorded, SPEECH_VERSION) if job.options.speaks else ()
    size, color = asdict(spec.size), spec.text.color.hex
    return digest_of("film", chosen, to_json(job.options), size, color, job.prompt, *script, *named, *brand, *said)


def _contents(files: FilmFiles) -> Json:
    """The hashes of a film's own files by their place."""
    return {place: file["content_hash"] for place, file in files.to_json().items()}


def _details(made: FilmMade, index: int, job: FilmJob) -> FilmDetails:
    return FilmDetails(
        duration=made.frames / made.rate,
        resolution=f"{made.size.width}x{made.size.height}",
        fps=round(made.rate, 3),
        frames=made.frames,
        aspect=job.aspects[index],
        checks=made.checks,
        clips=job.clips,
        options=job.options,
        notes=made.notes,
        placement=job.placement(index),
        passport=made.passport,
    )


@dataclass(frozen=True, slots=True)
class ComposeFlow:
    """Does COMPOSE. Films that were finished before a failure stay and are not made again."""

    maker: FilmAssetMaker
    reporter: Reporter
    endings: Endings

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a FilmJob. Returns the ids of the films, in the order of the aspects."""
        job = FilmJob.read(order)
        return await run_job(steps, self.endings, job, lambda: self._run(steps, job))

    async def _run(self, steps: Steps, job: FilmJob) -> Json:
        begun = (job.session_id, job.job_id, 0.0, "Composing…")
        await steps.run("composing", self.reporter.composing, *begun, retries=TRIES)
        films: list[str] = []
        for index, aspect in enumerate(job.aspects):
            make = (self.maker.make, job, index)
            step = f"film:{job.placement(index) or aspect}"
            films.append(await steps.run(step, *make, retries=TRIES, preemptible=True, heavy=True))
        await steps.run("finish", self.endings.complete, job.session_id, job.job_id, films, retries=TRIES)
        return {"films": films}
