"""Wires the local film pipeline: engine, segments, compositor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adreel.agents.compositor import CompositionLayer
from adreel.agents.drafts.draft_films import DraftFilms, DraftTools
from adreel.agents.maker import FilmMaker
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.credentials import open_signer
from adreel.bootstrap.data_folder import disk_space, make_data_dir
from adreel.bootstrap.provider_accounts import catalogue_of, providers_of
from adreel.bootstrap.settings import Settings, read_settings
from adreel.catalogue.listing import Listed, listed
from adreel.catalogue.loader import own_names
from adreel.catalogue.models import Catalogue
from adreel.domain.providers import RemoteEngine
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.domain.work.work_counts import WorkCounts
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.readers import DirectReader, PhotoReader
from adreel.media.scratch import sweep_scratch
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore, prune, sweep
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.providers.planning.scene_rules import RuleScenePlanner
from adreel.services.storage.atomic import PART_PATTERN
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService

_GIGABYTE = 1000**3
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class LocalPipeline:
    """All local processing of pictures and sound, with one shared cache. `tidy` keeps the cache within its size limit."""

    catalogue: Catalogue
    maker: SegmentMaker
    segments: SegmentStore
    examiner: ClipExaminer
    generator: VideoGeneratorAgent
    compositor: CompositionLayer
    drafts: DraftFilms
    tidy: Callable[[], None]


def settings_from(**overrides: object) -> Settings:
    """Reads settings for packages that must not import `bootstrap.settings`. Raises InputError."""
    return read_settings(**overrides)


def known_models(settings: Settings) -> list[Listed]:
    """All models, with whether they can be used. Raises InputError for a file of models that cannot be used."""
    return listed(catalogue_of(settings), providers_of(settings), own_names(settings.models))


def build_maker(settings: Settings) -> FilmMaker:
    """Builds a film maker that works in ``settings.data_dir``. Raises SetupError when something it needs is missing."""
    # The user's own files on their own machine: a process for each photo would cost time and protect no one (decision 0049).
    photos = DirectReader(memory_budget(settings))
    local = open_local_pipeline(settings, StorageService(FolderStore(settings.data_dir / "storage")), photos)
    return FilmMaker(
        local.generator,
        local.compositor,
        local.examiner,
        photos,
        brand_color,
        local.tidy,
        disk_space(settings),
        local.drafts,
    )


def memory_budget(settings: Settings) -> MemoryBudget:
    """Returns the memory budget for decoding photos in this process and its child processes: several share half of it."""
    total = settings.memory_mb * _MEBIBYTE
    return MemoryBudget(total, total // 2)


def open_local_pipeline(
    settings: Settings,
    storage: StorageService,
    photos: PhotoReader,
    remotes: Mapping[str, RemoteEngine] | None = None,
    counts: WorkCounts | None = None,
    processor: ProcessorShares | None = None,
) -> LocalPipeline:
    """Opens the pipeline: films go to `storage`, all other files stay in ``settings.data_dir``. `remotes` are hosted engines.
    `counts` counts the segments that are found and made, `processor` shares the cores among users.

    Raises SetupError.
    """
    executable = ffmpeg.find_ffmpeg(settings.ffmpeg)
    ffmpeg.require(executable)
    make_data_dir(settings.data_dir)
    cache, work = settings.data_dir / "cache", settings.data_dir / "work"
    segments = SegmentStore(cache / "segments", counts)
    engine = LocalEngine(photos.load)
    maker = SegmentMaker(segments, executable, find=engine.find_product)
    examiner = ClipExaminer(cache / "examined", executable)
    catalogue = catalogue_of(settings)
    engines = {LocalEngine.name: engine}
    soundtracks = SoundtrackStore(cache / "sound")
    return LocalPipeline(
        catalogue=catalogue,
        maker=maker,
        segments=segments,
        examiner=examiner,
        generator=VideoGeneratorAgent(
            catalogue.videos,
            engines,
            RuleScenePlanner(),
            maker,
            settings.jobs,
            remotes=remotes or {},
            processor=processor,
        ),
        compositor=CompositionLayer(
            storage,
            maker,
            examiner,
            soundtracks,
            settings.jobs,
            work,
            pictures=engine.product_picture,
            signer=open_signer(settings),
            checker=open_checker(settings),
        ),
        drafts=DraftFilms(DraftTools(engine, maker, examiner, soundtracks, engine.product_picture), settings.jobs),
        tidy=_tidy(settings.data_dir, int(settings.cache_gb * _GIGABYTE)),
    )


def open_drafts(settings: Settings, engine: LocalEngine) -> DraftFilms:
    """Opens the drafts of a program that shows them while they are made. Raises SetupError."""
    executable = ffmpeg.find_ffmpeg(settings.ffmpeg)
    cache = settings.data_dir / "cache"
    maker, examiner = (
        SegmentMaker(SegmentStore(cache / "segments"), executable),
        ClipExaminer(cache / "examined", executable),
    )
    tools = DraftTools(engine, maker, examiner, SoundtrackStore(cache / "sound"), engine.product_picture)
    return DraftFilms(tools, settings.jobs)


def _tidy(data: Path, limit: int) -> Callable[[], None]:
    def tidy() -> None:
        now = time.time()
        prune(data / "cache", limit)
        # Partial files of killed processes.
        sweep(data / "cache", "*/.*", now)
        sweep_scratch(data / "cache", "*/.part-*", now)
        sweep_scratch(data / "work", "*-*", now)
        sweep(data / "work", "films/*/*", now)
        sweep(data / "storage", f"**/{PART_PATTERN}", now)

    return tidy
