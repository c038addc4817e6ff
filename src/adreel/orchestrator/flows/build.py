"""Builds all flows of a worker from the dependencies that bootstrap has made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adreel.agents.compositor import CompositionLayer
from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.agent_buyers import LineBuyer, clip_buyer, image_buyer, line_buyer, line_source
from adreel.billing.clip_jobs import ClipJob
from adreel.billing.conforming import ClipConformer
from adreel.billing.crash_points import Checkpoint, no_op
from adreel.billing.image_jobs import ImageJob
from adreel.billing.language_models import BilledLanguageModels, Unanswered
from adreel.billing.order_sources import ClipOrderSource, ImageOrderSource, TextOrderSource
from adreel.billing.purchase_factory import PurchaseFactory
from adreel.billing.reuse import Reuse
from adreel.billing.sweep import Abandons, LedgerSweep
from adreel.billing.timeouts import Timeouts
from adreel.catalogue.models import TextModel
from adreel.domain.films.color import Color
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.speech import SpeechEngine
from adreel.domain.language_model import TextOrder
from adreel.domain.providers import Vendor
from adreel.domain.sessions.session import Json
from adreel.domain.work.tracing import NO_TRACES, Tracer
from adreel.domain.work.work_counts import WorkCounts
from adreel.media.cache_uses import used_by
from adreel.media.clips.examine import ClipExaminer
from adreel.media.photos.photo import Photo
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore
from adreel.orchestrator.engine.steps import Flow, Steps
from adreel.orchestrator.flows.board import CLIP, IMAGE
from adreel.orchestrator.flows.clip_maker import ClipMaker, FileStores
from adreel.orchestrator.flows.clips import CLIP_FLOW, ClipFlow, ClipsFlow
from adreel.orchestrator.flows.films import ComposeFlow, FilmAssetMaker, Pricing
from adreel.orchestrator.flows.heartbeat import Pace
from adreel.orchestrator.flows.hosted_progress import HostedProgress
from adreel.orchestrator.flows.image_maker import ImageMaker
from adreel.orchestrator.flows.images import IMAGE_FLOW, ImageFlow, ImagesFlow
from adreel.orchestrator.flows.model_facts import ClipModelFacts, ImageModelFacts
from adreel.orchestrator.flows.phase_progress import PhaseProgress
from adreel.orchestrator.flows.progress import Endings, Reporter
from adreel.orchestrator.flows.script_writing import ScriptFlow
from adreel.orchestrator.flows.traced import traced_flow
from adreel.orchestrator.video_orchestrator import CLIPS_FLOW, COMPOSE_FLOW, IMAGES_FLOW, SCRIPT_FLOW
from adreel.placements.loader import Placements
from adreel.services.events.log import ProgressService
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from adreel.services.storage.disk_space import DiskSpace
from adreel.services.storage.segments import SegmentExchange
from adreel.services.storage_service import LocalFiles, StorageService


@dataclass(frozen=True, slots=True)
class FlowDependencies:
    """The dependencies of the flows.

    `agent` draws, and buys from its `remotes`; `compositor` writes films to a local storage, from where they are moved; `store`
    is the one that `maker` uses. `cache` and `work` are folders: files in the first may be removed at any time, those in the
    second belong to running work. `price_of_film` is in US dollars. `images` makes images from prompts; `texts` are the
    language models, tried in their order; `text_vendors` take the orders for a model, by its name, and settle open purchases of
    retired models too, and `speech_vendors` those for speech. `wakeups` notifies of ended jobs. `space` is the disk of these
    folders, by default not shared with others. `labels` are the names of providers for people; `pace` is that of events while a
    provider works. `tracer` records the work of flows, `counts` counts their failures. `placements` are by default those that
    ship.
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
    photos: PhotoService
    color_of: Callable[[Photo], Color]
    clock: Callable[[], datetime]
    cache: Path
    work: Path
    timeouts: Timeouts = Timeouts()  # noqa: RUF009 (frozen)
    sizes: Mapping[str, FrameSize] | None = None
    price_of_film: Decimal = Decimal("0.00")
    images: BatchImageGeneratorAgent | None = None
    speech_vendors: Mapping[str, SpeechEngine] = field(default_factory=dict[str, SpeechEngine])
    text_vendors: Mapping[str, Vendor[TextOrder]] = field(default_factory=dict[str, Vendor[TextOrder]])
    texts: tuple[TextModel, ...] = ()
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    checkpoint: Checkpoint = no_op
    wakeups: Wakeups = field(default_factory=Wakeups)
    space: DiskSpace | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    pace: Pace = Pace()  # noqa: RUF009 (frozen)
    tracer: Tracer = NO_TRACES
    counts: WorkCounts = field(default_factory=WorkCounts)
    placements: Placements | None = None


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows by name, for the engine, and the sweep of purchases, for the sweeper's hooks."""

    by_name: Mapping[str, Flow]
    ledger_sweep: LedgerSweep


def build_flows(dependencies: FlowDependencies) -> Flows:
    """Builds the flows without opening or reading anything."""
    exchange = SegmentExchange(dependencies.storage, dependencies.store, dependencies.work)
    space = dependencies.space or DiskSpace(dependencies.work)
    stores = FileStores(
        dependencies.storage,
        LocalFiles(dependencies.storage, dependencies.cache / "files"),
        exchange,
        dependencies.work,
        space,
    )
    reporter = Reporter(dependencies.progress, dependencies.sessions)
    endings = Endings(dependencies.sessions, reporter)
    factory = _purchase_factory(dependencies)
    phases = PhaseProgress(reporter, dependencies.pace)
    clip_facts = ClipModelFacts(dependencies.agent.models, dependencies.labels)
    hosted_clips = HostedProgress[ClipJob](CLIP, reporter, clip_facts, dependencies.pace)
    clip_purchases = factory.of(ClipOrderSource(dependencies.agent, stores.files), hosted_clips)
    all_purchases: list[Abandons] = [clip_purchases]
    language_models = _language_models(dependencies, factory, all_purchases)
    if dependencies.speech_vendors:
        all_purchases.append(factory.of(line_source(dependencies.speech_vendors)))
    clip_maker = ClipMaker(
        dependencies.agent,
        ClipConformer(dependencies.agent.models, dependencies.maker, dependencies.examiner),
        dependencies.sessions,
        stores,
        reporter,
        checkpoint=dependencies.checkpoint,
    )
    film_maker = FilmAssetMaker(
        dependencies.agent,
        dependencies.compositor,
        dependencies.sessions,
        stores,
        reporter,
        dependencies.photos,
        dependencies.color_of,
        dependencies.sizes or ASPECTS,
        Pricing(dependencies.price_of_film),
        checkpoint=dependencies.checkpoint,
        placements=dependencies.placements,
    )
    reuse = Reuse(dependencies.sessions, dependencies.storage, dependencies.work)
    clip = ClipFlow(
        dependencies.agent, clip_maker, clip_purchases, dependencies.sessions, reporter, reuse, hosted_clips
    )
    flows: dict[str, Flow] = {
        CLIPS_FLOW: ClipsFlow(
            dependencies.agent, stores, reporter, endings, dependencies.sessions, phases, language_models
        ).run,
        CLIP_FLOW: clip.run,
        COMPOSE_FLOW: ComposeFlow(film_maker, reporter, endings).run,
        SCRIPT_FLOW: ScriptFlow(
            language_models, dependencies.storage, dependencies.work, endings, dependencies.sessions, phases
        ).run,
    }
    if dependencies.images is not None:
        image_facts = ImageModelFacts(dependencies.images.models, dependencies.labels)
        hosted_images = HostedProgress[ImageJob](IMAGE, reporter, image_facts, dependencies.pace)
        image_purchases = factory.of(ImageOrderSource(dependencies.images, stores.files), hosted_images)
        all_purchases.append(image_purchases)
        image_maker = ImageMaker(
            dependencies.images,
            dependencies.sessions,
            dependencies.storage,
            dependencies.work,
            space,
            dependencies.checkpoint,
        )
        flows[IMAGES_FLOW] = ImagesFlow(
            language_models, dependencies.storage, dependencies.work, reporter, endings, dependencies.sessions, phases
        ).run
        flows[IMAGE_FLOW] = ImageFlow(
            image_maker, image_purchases, dependencies.sessions, reporter, reuse, hosted_images
        ).run
    return Flows(
        {
            name: traced_flow(name, owned(flow), dependencies.tracer, dependencies.counts)
            for name, flow in flows.items()
        },
        LedgerSweep(
            dependencies.sessions,
            dependencies.ledger,
            all_purchases,
            dependencies.clock,
            whole=timedelta(seconds=dependencies.timeouts.whole),
        ),
    )


def let_agents_buy(dependencies: FlowDependencies) -> None:
    """Lets the agents themselves buy from hosted models through the ledger, for programs that call `process`."""
    factory, storage, agent = _purchase_factory(dependencies), dependencies.storage, dependencies.agent
    conformer = ClipConformer(agent.models, dependencies.maker, dependencies.examiner)
    agent.use_buyer(clip_buyer(factory, storage, agent, conformer, dependencies.work))
    if dependencies.images is not None:
        dependencies.images.use_buyer(image_buyer(factory, storage, dependencies.images))


def buyer_of_lines(dependencies: FlowDependencies) -> LineBuyer | None:
    """Buys spoken lines through the ledger; None where no speech model can be used."""
    if not dependencies.speech_vendors:
        return None
    return line_buyer(_purchase_factory(dependencies), dependencies.storage, dependencies.speech_vendors)


def _purchase_factory(dependencies: FlowDependencies) -> PurchaseFactory:
    return PurchaseFactory(
        dependencies.sessions,
        dependencies.ledger,
        dependencies.timeouts,
        dependencies.sleep,
        dependencies.monotonic,
        dependencies.checkpoint,
        dependencies.wakeups,
    )


def owned(flow: Flow) -> Flow:
    """Records the flow's session as owner of the cache files that it uses, so that they are deleted with the session."""

    async def noted(steps: Steps, order: Json) -> Json:
        with used_by(str(order["session_id"])):
            return await flow(steps, order)

    return noted


def _language_models(
    dependencies: FlowDependencies, factory: PurchaseFactory, all_purchases: list[Abandons]
) -> BilledLanguageModels | None:
    if not dependencies.text_vendors or not dependencies.texts:
        return None
    unanswered = Unanswered()
    purchases = factory.of(TextOrderSource(dependencies.text_vendors), unanswered)
    all_purchases.append(purchases)
    return BilledLanguageModels(purchases, dependencies.texts, dependencies.text_vendors, unanswered)
