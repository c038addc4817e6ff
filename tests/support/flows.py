"""Flows with real services on a new database, an engine in memory, a folder for files, a scripted provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.agents.compositor import CompositionLayer
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.crash_points import CrashPoint
from adreel.billing.timeouts import Timeouts
from adreel.catalogue.loader import load_catalogue
from adreel.db.engine import Database
from adreel.domain.errors import AdreelError, ExpiredError
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.domain.providers import JobStatus, RemoteJob, Search, VideoOrder
from adreel.domain.sessions.session import Asset, AssetKind, SessionEvent, SessionRecord, SessionView
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore, file_digest
from adreel.orchestrator.engine.steps import JobEngine
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.orchestrator.flows.build import FlowDependencies, Flows, build_flows
from adreel.orchestrator.flows.heartbeat import Pace
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.providers.planning.scene_rules import RuleScenePlanner
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService
from support.db import add_user
from support.photos import direct_photos
from support.pictures import SMALL, TextureEngine, flat, moving
from support.steps import MemoryEngine

SIZES = {"16:9": SMALL, "9:16": FrameSize(180, 320), "1:1": FrameSize(180, 180)}
HOSTED = "wan-2.2-i2v-fast"
PRICE = Decimal("0.11")
SECONDS = 0.8
"""Length of clips in these tests: 24 frames."""

PATIENCE = Timeouts(post=30, settle=3, search=5, poll_first=0.001, poll_most=0.5, job=600, throttled=20, unreachable=20)

SILENT = Pace(apart=3600, quiet=3600)
"""Events of a provider's progress come by real time: without them, a slow machine does not change what a test finds."""


class Now:
    """A clock that goes on when somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = self._epoch = datetime(2026, 1, 1, tzinfo=UTC)
        self.steps = 0.0

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def monotonic(self) -> float:
        """Seconds since the beginning, whatever the clock was set to since."""
        return (self() - self._epoch).total_seconds() - self.steps

    def elsewhere(self) -> datetime:
        """A clock of another machine, years away: comparing the two gives nonsense."""
        return datetime(2031, 5, 5, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def step(self, seconds: float) -> None:
        """Sets the clock, and nothing else, ahead or back."""
        self.now += timedelta(seconds=seconds)
        self.steps += seconds

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Provider:
    """A RemoteEngine in memory. What `check_errors` and `submit_errors` hold comes instead of answers; `lost_answers` orders are
    accepted and the answer then lost; jobs end as `endings` say, `succeeded` when these are used up; `clip` is what they make.
    `clock` is its own, None when it shows no time; its list lags behind by `list_lag` seconds.
    """

    clip: Path
    name: str = "replicate"
    price_each: Decimal = PRICE
    submit_errors: list[AdreelError] = field(default_factory=list[AdreelError])
    check_errors: list[AdreelError] = field(default_factory=list[AdreelError])
    checked: list[str] = field(default_factory=list[str])
    lost_answers: list[AdreelError] = field(default_factory=list[AdreelError])
    endings: list[JobStatus] = field(default_factory=list[JobStatus])
    failure: str = "NSFW content detected"
    fetched: list[str] = field(default_factory=list[str])
    orders: list[VideoOrder] = field(default_factory=list[VideoOrder])
    jobs: dict[str, RemoteJob] = field(default_factory=dict[str, RemoteJob])
    stuck: bool = False
    expired: bool = False
    clock: Callable[[], datetime] | None = None
    list_lag: float = 0.0
    searches: list[datetime | None] = field(default_factory=list[datetime | None])
    search_errors: list[AdreelError] = field(default_factory=list[AdreelError])
    clips: list[Path] = field(default_factory=list[Path])

    def price(self, order: VideoOrder) -> Decimal:
        return self.price_each

    async def check(self, name: str) -> None:
        self.checked.append(name)
        if self.check_errors:
            raise self.check_errors.pop(0)

    async def submit(self, order: VideoOrder) -> RemoteJob:
        if self.submit_errors:
            raise self.submit_errors.pop(0)
        self.orders.append(order)
        job = RemoteJob(
            f"job{len(self.orders)}", JobStatus.STARTING, seed=order.seed, created_at=self.now(), seen_at=self.now()
        )
        self.jobs[job.id] = job
        if self.lost_answers:
            raise self.lost_answers.pop(0)
        return job

    def now(self) -> datetime | None:
        return self.clock() if self.clock else None

    async def search(self, marker: int, since: datetime | None) -> Search:
        self.searches.append(since)
        if self.search_errors:
            raise self.search_errors.pop(0)
        jobs = [job for job in self.jobs.values() if self._is_listed(job, since)]
        found = next((job for job in jobs if job.seed == marker), None)
        return Search(found, frozenset(job.id for job in jobs), at=self.now())

    def _is_listed(self, job: RemoteJob, since: datetime | None) -> bool:
        if job.created_at is None or self.clock is None:
            return True
        is_new = (self.clock() - job.created_at).total_seconds() < self.list_lag
        return not is_new and (since is None or job.created_at >= since)

    async def poll(self, job_id: str) -> RemoteJob:
        await asyncio.sleep(0)
        job = self.jobs[job_id]
        if not job.status.is_final and not self.stuck:
            status = self.endings.pop(0) if self.endings else JobStatus.SUCCEEDED
            outputs = (f"https://replicate.delivery/{job_id}.mp4",) if status is JobStatus.SUCCEEDED else ()
            error = None if status is JobStatus.SUCCEEDED else self.failure
            self.jobs[job_id] = replace(job, status=status, outputs=outputs, error=error, compute_seconds=2.0)
        return replace(self.jobs[job_id], expired=self.expired, seen_at=self.now())

    async def fetch(self, url: str, path: Path) -> None:
        if self.expired:
            raise ExpiredError("gone")
        self.fetched.append(url)
        path.write_bytes((self.clips.pop(0) if self.clips else self.clip).read_bytes())

    async def cancel(self, job_id: str) -> RemoteJob:
        job = self.jobs[job_id]
        if not job.status.is_final:
            self.jobs[job_id] = replace(job, status=JobStatus.CANCELED)
        return self.jobs[job_id]


def no_crash(_point: CrashPoint) -> None:
    """Workers live."""


@dataclass
class Hall:
    """Everything between the orchestrator and the files."""

    folder: Path
    database: Database
    provider: Provider
    drawing: TextureEngine = field(default_factory=TextureEngine)
    clock: Now = field(default_factory=Now)
    jobs: MemoryEngine = field(default_factory=MemoryEngine)
    checkpoint: Callable[[CrashPoint], object] = no_crash
    pace: Pace = SILENT
    price_of_film: Decimal = Decimal("0.00")
    brands: Brands = NO_BRANDS

    def __post_init__(self) -> None:
        self.provider.clock = self.clock.elsewhere
        self.sessions = SessionService(self.database, self.clock)
        self.ledger = LedgerService(self.database, self.clock)
        self.progress = ProgressService(self.database, EventBus(), self.clock)
        self.storage = StorageService(FolderStore(self.folder / "storage"))
        self.flows = self.worker("machine")
        self.orchestrator = self.with_jobs(self.jobs)

    def with_jobs(self, jobs: JobEngine) -> VideoGenerationOrchestrator:
        """An orchestrator that hands its jobs to this engine."""
        known = load_catalogue()
        return VideoGenerationOrchestrator(
            self.sessions,
            self.ledger,
            self.progress,
            jobs,
            known.videos,
            ["replicate"],
            SIZES,
            image_models=known.images,
            text_models=known.texts,
            price_of_film=self.price_of_film,
            brands=self.brands,
        )

    def worker(self, name: str) -> Flows:
        """A worker on a machine of its own, whose flows take over from here on."""
        flows = build_flows(self.kit(name))
        self.jobs.flows = dict(flows.by_name)
        return flows

    def kit(self, name: str) -> FlowDependencies:
        """What a worker on a machine of its own works with."""
        here = self.folder / name
        store = SegmentStore(here / "cache" / "segments")
        maker = SegmentMaker(store, find_ffmpeg())
        examiner = ClipExaminer(here / "cache" / "examined", find_ffmpeg())
        models = load_catalogue().videos
        remotes = {"replicate": self.provider}
        agent = VideoGeneratorAgent(models, {"local": self.drawing}, RuleScenePlanner(), maker, 2, remotes=remotes)
        scratch = StorageService(FolderStore(here / "films"))
        sound = SoundtrackStore(here / "cache" / "sound")
        compositor = CompositionLayer(scratch, maker, examiner, sound, 2, here / "work")
        return FlowDependencies(
            sessions=self.sessions,
            ledger=self.ledger,
            progress=self.progress,
            storage=self.storage,
            agent=agent,
            compositor=compositor,
            maker=maker,
            store=store,
            examiner=examiner,
            photos=direct_photos(),
            color_of=lambda _photo: Color(200, 30, 30),
            clock=self.clock,
            cache=here / "cache",
            work=here / "work",
            timeouts=PATIENCE,
            sizes=SIZES,
            sleep=self.clock.sleep,
            monotonic=self.clock.monotonic,
            checkpoint=self._at,
            labels={"replicate": "Replicate"},
            pace=self.pace,
            price_of_film=self.price_of_film,
        )

    def _at(self, point: CrashPoint, _what: str) -> None:
        self.checkpoint(point)

    async def session(self, images: int = 2, cap: str | None = None) -> SessionRecord:
        """A session with its images approved."""
        session = await self.sessions.create("ann", seed=7, budget_cap=None if cap is None else Decimal(cap))
        added = await self.sessions.add_images("ann", session.id, [self._image(session.id, n) for n in range(images)])
        await self.sessions.approve_images("ann", session.id, [image.id for image in added])
        return await self.sessions.record(session.id)

    def _image(self, session_id: str, number: int) -> NewAsset:
        key = f"sessions/{session_id}/images/photo{number}.jpg"
        path = self.folder / "storage" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"photo {number}".encode())
        views = ("front", "detail", "angle", "lifestyle")
        return NewAsset(
            AssetKind.IMAGE, key, file_digest(path), "image/jpeg", path.stat().st_size, view_type=views[number % 4]
        )

    async def approve_images_again(self, session: SessionRecord) -> None:
        await self.sessions.approve_images("ann", session.id, session.approved_image_ids)

    async def make_clips(
        self,
        session_id: str,
        model: str = "local",
        prompt: str = "calm",
        aspect: str = "16:9",
        *,
        ideas: bool | None = True,
        seconds: float = SECONDS,
    ) -> SessionView:
        """Where language models are hired they plan, of free clips too, unless `ideas` says otherwise."""
        started = await self.orchestrator.generate_clips("ann", session_id, prompt, seconds, model, aspect, ideas)
        await self.jobs.work(started.job_id)
        return await self.sessions.view(session_id)

    async def approve(self, session_id: str, order: Callable[[list[str]], list[str]] = list) -> list[str]:
        """Approves all clips in the order that is made of theirs."""
        clips = [clip.id for clip in (await self.sessions.view(session_id)).of_kind(AssetKind.CLIP)]
        await self.sessions.approve_clips("ann", session_id, clips, order(clips))
        return order(clips)

    async def events(self, session_id: str) -> tuple[SessionEvent, ...]:
        return await self.progress.replay(session_id, 0)

    async def clips(self, session_id: str) -> tuple[Asset, ...]:
        return (await self.sessions.view(session_id)).of_kind(AssetKind.CLIP)


def write_clip(path: Path, frames: int = 81, seed: int = 1, luma: int | None = None) -> Path:
    """A clip as a provider gives it: 24 frames per second or so, moving, or of one grey when `luma` is given."""
    from adreel.media.segments.encoder import SegmentEncoder

    pictures = moving(SMALL, frames, seed) if luma is None else flat(SMALL, frames, luma)
    with SegmentEncoder(path, SMALL, frames) as encoder:
        for picture in pictures:
            encoder.write(picture)
    return path


@pytest.fixture(scope="session")
def bought_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("bought") / "clip.mp4")


@pytest.fixture
async def hall(tmp_path: Path, sqlite_database: str, bought_clip: Path) -> AsyncIterator[Hall]:
    database = Database(sqlite_database)
    await add_user(database, "ann")
    yield Hall(tmp_path, database, Provider(bought_clip))
    await database.close()
