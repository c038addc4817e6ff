"""Puts adreel together. The only place that names concrete classes."""

from __future__ import annotations

import time

from adreel.agents.compositor import CompositionLayer
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import SetupError
from adreel.maker import FilmMaker
from adreel.media import ffmpeg
from adreel.media.cache import prune, sweep
from adreel.media.given import ClipExaminer
from adreel.media.photos import load_photo
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


def settings_from(**given: object) -> Settings:
    """For rooms that must not know where settings come from. Raises InputError."""
    return read_settings(**given)


def build_maker(settings: Settings) -> FilmMaker:
    """A film maker that works in ``settings.data_dir``. Raises SetupError when something it needs is missing."""
    executable = ffmpeg.find_ffmpeg(settings.ffmpeg)
    ffmpeg.require(executable)
    data = settings.data_dir
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"cannot use {data}: {error.strerror}; set ADREEL_DATA_DIR to a folder of yours") from error
    cache = data / "cache"
    maker = SegmentMaker(SegmentStore(cache / "segments"), executable)
    generator = VideoGeneratorAgent(
        load_catalogue().videos, {LocalEngine.name: LocalEngine(load_photo)}, RuleScenePlanner(), maker, settings.jobs
    )
    examiner = ClipExaminer(cache / "examined", executable)
    compositor = CompositionLayer(
        StorageService(FolderStore(data / "storage")),
        maker,
        examiner,
        SoundtrackStore(cache / "sound"),
        settings.jobs,
        data / "work",
    )

    def tidy() -> None:
        prune(cache, int(settings.cache_gb * _GIGABYTE))
        sweep(cache, "*/.*", time.time())
        sweep(data / "work", "film-*", time.time())

    return FilmMaker(generator, compositor, examiner, brand_color, tidy)
