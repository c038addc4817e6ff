"""All flows of a worker, put together from what bootstrap has made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from adreel.agents.compositor import CompositionLayer
from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.catalogue.models import TextModel
from adreel.domain.color import Color
from adreel.domain.formats import ASPECTS, FrameSize
from adreel.domain.text import TextOrder
from adreel.domain.vendor import Vendor
from adreel.media.given import ClipExaminer
from adreel.media.photos import Photo
from adreel.media.rendering import SegmentMaker
from adreel.media.segments import SegmentStore
from adreel.orchestrator.bought_text import Writers
from adreel.orchestrator.checkpoints import Checkpoint, pass_by
from adreel.orchestrator.clip_flow import ClipFlow
from adreel.orchestrator.clip_maker import ClipMaker, Rooms
from adreel.orchestrator.clips_flow import CLIP_FLOW, ClipsFlow
from adreel.orchestrator.compose_flow import ComposeFlow
from adreel.orchestrator.endings import Endings
from adreel.orchestrator.film_maker import FilmAssetMaker, Pricing
from adreel.orchestrator.image_flow import ImageFlow
from adreel.orchestrator.image_maker import ImageMaker
from adreel.orchestrator.images_flow import IMAGE_FLOW, ImagesFlow
from adreel.orchestrator.ledger_sweep import Abandons, LedgerSweep
from adreel.orchestrator.local_files import LocalFiles
from adreel.orchestrator.purchase import Counters, Patience
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.reuse import Reuse
from adreel.orchestrator.segment_exchange import SegmentExchange
from adreel.orchestrator.shops import ClipShop, ImageShop, TextShop
from adreel.orchestrator.steps import Flow
from adreel.orchestrator.video_orchestrator import CLIPS_FLOW, COMPOSE_FLOW, IMAGES_FLOW
from adreel.services.bell import Bell
from adreel.services.ledger_service import LedgerService
from adreel.services.progress_service import ProgressService
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class Kit:
    """What the flows work with.

    `agent` draws, and buys from its `remotes`; `compositor` keeps its films in a storage of this machine, from where they are
    moved; `store` is the one that `maker` uses. `cache` and `work` are folders: files in the first may be removed at any time,
    those in the second belong to work in progress. `price_of_film` is in US dollars. `images` makes pictures from words;
    `text_vendor` answers for the language models `texts`, which are asked in their order. `bell` rings for jobs that ended.
    """

    sessions: SessionService
    ledger: LedgerService
    progress: ProgressService
    storage: StorageService
    agent: VideoGeneratorAgent
    compositor: CompositionLayer
    maker: SegmentMaker
    store: SegmentStore
    examiner: ClipExaminer
    color_of: Callable[[Photo], Color]
    clock: Callable[[], datetime]
    cache: Path
    work: Path
    patience: Patience = Patience()  # noqa: RUF009 (frozen)
    sizes: Mapping[str, FrameSize] | None = None
    price_of_film: Decimal = Decimal("0.00")
    images: BatchImageGeneratorAgent | None = None
    text_vendor: Vendor[TextOrder] | None = None
    texts: tuple[TextModel, ...] = ()
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    checkpoint: Checkpoint = pass_by
    bell: Bell = field(default_factory=Bell)


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows by name, for the engine, and the sweep of purchases, for the sweeper's hooks."""

    by_name: Mapping[str, Flow]
    ledger_sweep: LedgerSweep


def build_flows(kit: Kit) -> Flows:
    """Nothing is opened or read here."""
    exchange = SegmentExchange(kit.storage, kit.store, kit.work)
    rooms = Rooms(kit.storage, LocalFiles(kit.storage, kit.cache / "files"), exchange, kit.work)
    reporter = Reporter(kit.progress)
    endings = Endings(kit.sessions, reporter)
    counters = Counters(kit.sessions, kit.ledger, kit.clock, kit.patience, kit.sleep, kit.checkpoint, kit.bell)
    purchases = counters.of(ClipShop(kit.agent, rooms.files))
    sold: list[Abandons] = [purchases]
    writers = _writers(kit, counters, sold)
    clip_maker = ClipMaker(kit.agent, kit.maker, kit.examiner, kit.sessions, rooms, reporter, checkpoint=kit.checkpoint)
    film_maker = FilmAssetMaker(
        kit.agent,
        kit.compositor,
        kit.sessions,
        rooms,
        reporter,
        kit.color_of,
        kit.sizes or ASPECTS,
        Pricing(kit.price_of_film),
        checkpoint=kit.checkpoint,
    )
    reuse = Reuse(kit.sessions, kit.storage, kit.work)
    clip = ClipFlow(kit.agent, clip_maker, purchases, kit.sessions, reporter, reuse)
    flows: dict[str, Flow] = {
        CLIPS_FLOW: ClipsFlow(kit.agent, rooms, reporter, endings, kit.sessions, writers).run,
        CLIP_FLOW: clip.run,
        COMPOSE_FLOW: ComposeFlow(film_maker, reporter, endings).run,
    }
    if kit.images is not None:
        bought = counters.of(ImageShop(kit.images, rooms.files))
        sold.append(bought)
        image_maker = ImageMaker(kit.images, kit.sessions, kit.storage, kit.work, kit.checkpoint)
        flows[IMAGES_FLOW] = ImagesFlow(writers, kit.storage, kit.work, reporter, endings, kit.sessions).run
        flows[IMAGE_FLOW] = ImageFlow(image_maker, bought, kit.sessions, kit.ledger, reporter, reuse).run
    return Flows(flows, LedgerSweep(kit.sessions, kit.ledger, sold, kit.clock))


def _writers(kit: Kit, counters: Counters, sold: list[Abandons]) -> Writers | None:
    if kit.text_vendor is None or not kit.texts:
        return None
    bought = counters.of(TextShop(kit.text_vendor, frozenset(model.name for model in kit.texts)))
    sold.append(bought)
    return Writers(bought, kit.sessions, kit.ledger, kit.texts)
