"""What makes films on this machine: engine, segments, compositor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adreel.agents.compositor import CompositionLayer
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.bootstrap.folders import make_data_dir
from adreel.catalogue.listing import Listed, listed
from adreel.catalogue.loader import load_catalogue, own_names
from adreel.catalogue.models import Catalogue
from adreel.domain.remote import RemoteEngine
from adreel.maker import FilmMaker
from adreel.media import ffmpeg
from adreel.media.cache import prune, sweep
from adreel.media.given import ClipExaminer
from adreel.media.memory import reuse_freed_memory
from adreel.media.photos import load_photo
from adreel.media.processor import keep_pictures_to_their_threads
from adreel.media.rendering import SegmentMaker
from adreel.media.segments import SegmentStore
from adreel.media.soundtrack import SoundtrackStore
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.palette import brand_color
from adreel.providers.rules import RuleScenePlanner
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService
from adreel.settings import Settings, read_settings

_GIGABYTE = 1000**3
NO_ACCOUNT = (
    "hosted models need an account at Replicate: set ADREEL_REPLICATE_API_TOKEN; to try without one, run the stand-in "
    "(python -m adreel.testing.replicate --port 8900 --output-port 8901) and set ADREEL_REPLICATE_API_TOKEN=any "
    "ADREEL_REPLICATE_BASE_URL=http://127.0.0.1:8900/v1 ADREEL_DOWNLOAD_HOSTS=127.0.0.1:8901"
)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that works on pictures and sound here, sharing one cache. `tidy` keeps the cache within its size."""

    catalogue: Catalogue
    maker: SegmentMaker
    segments: SegmentStore
    examiner: ClipExaminer
    generator: VideoGeneratorAgent
    compositor: CompositionLayer
    tidy: Callable[[], None]


def settings_from(**given: object) -> Settings:
    """For rooms that must not know where settings come from. Raises InputError."""
    return read_settings(**given)


def providers_of(settings: Settings) -> frozenset[str]:
    """The providers whose models can be used with these settings."""
    return frozenset({"local"} if settings.replicate_api_token is None else {"local", "replicate"})


def known_models(settings: Settings) -> list[Listed]:
    """All models, with what is missing for their use. Raises InputError for a file of models that cannot be used."""
    return listed(load_catalogue(settings.models), providers_of(settings), own_names(settings.models))


def build_maker(settings: Settings) -> FilmMaker:
    """A film maker that works in ``settings.data_dir``. Raises SetupError when something it needs is missing."""
    shop = open_workshop(settings, StorageService(FolderStore(settings.data_dir / "storage")))
    return FilmMaker(shop.generator, shop.compositor, shop.examiner, brand_color, shop.tidy)


def open_workshop(
    settings: Settings, storage: StorageService, remotes: Mapping[str, RemoteEngine] | None = None
) -> Workshop:
    """Films go to `storage`; all else stays in ``settings.data_dir``. `remotes` are hosted engines. Raises SetupError."""
    reuse_freed_memory()
    keep_pictures_to_their_threads()
    executable = ffmpeg.find_ffmpeg(settings.ffmpeg)
    ffmpeg.require(executable)
    make_data_dir(settings.data_dir)
    cache, work = settings.data_dir / "cache", settings.data_dir / "work"
    segments = SegmentStore(cache / "segments")
    maker = SegmentMaker(segments, executable)
    examiner = ClipExaminer(cache / "examined", executable)
    catalogue = load_catalogue(settings.models)
    engines = {LocalEngine.name: LocalEngine(load_photo)}
    return Workshop(
        catalogue=catalogue,
        maker=maker,
        segments=segments,
        examiner=examiner,
        generator=VideoGeneratorAgent(
            catalogue.videos, engines, RuleScenePlanner(), maker, settings.jobs, remotes=remotes or {}
        ),
        compositor=CompositionLayer(storage, maker, examiner, SoundtrackStore(cache / "sound"), settings.jobs, work),
        tidy=_tidy(settings.data_dir, int(settings.cache_gb * _GIGABYTE)),
    )


def _tidy(data: Path, limit: int) -> Callable[[], None]:
    def tidy() -> None:
        now = time.time()
        prune(data / "cache", limit)
        # What a kill has left half written.
        sweep(data / "cache", "*/.*", now)
        sweep(data / "work", "*-*", now)
        sweep(data / "work", "films/*/*", now)
        sweep(data / "storage", "**/.*.part", now)

    return tidy
