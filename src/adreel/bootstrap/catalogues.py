"""Wires the batches of the service: what the API and the workers have in common, and what only a worker has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adreel.agents.maker import FilmMaker
from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.core import Core
from adreel.bootstrap.limits import batch_limits, default_limits
from adreel.bootstrap.local import LocalPipeline
from adreel.bootstrap.storage import downloader
from adreel.orchestrator.catalogues.commands import BatchCommands, Engine
from adreel.orchestrator.catalogues.downloads import BatchDownloads
from adreel.orchestrator.catalogues.feeds import AddressPhotos, FeedFiles
from adreel.orchestrator.catalogues.films import RowFilms
from adreel.orchestrator.catalogues.flows import BATCH_FLOW, ROW_FLOW, BatchFlow, RowFlow
from adreel.orchestrator.catalogues.following import BatchEvents
from adreel.orchestrator.catalogues.planning import BatchPlanning
from adreel.orchestrator.catalogues.sweeping import BatchSweep, SweptEngine
from adreel.orchestrator.engine.steps import Flow
from adreel.orchestrator.flows.build import owned
from adreel.orchestrator.flows.traced import traced_flow
from adreel.providers.local.photo.palette import brand_color
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.plans import BatchPlans
from adreel.services.catalogues.results import BatchResults
from adreel.services.catalogues.work import BatchWork
from adreel.services.storage_service import LocalFiles


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The parts of batches that the API uses."""

    batches: BatchService
    commands: BatchCommands
    results: BatchResults
    downloads: BatchDownloads
    events: BatchEvents


def open_catalogues(core: Core, engine: Engine) -> Catalogues:
    """Builds them without opening anything."""
    batches, feeds, work = _batches(core), _feeds(core), core.settings.data_dir / "work"
    results = BatchResults(core.database)
    return Catalogues(
        batches,
        BatchCommands(batches, feeds, open_checker(core.settings).placements, engine),
        results,
        BatchDownloads(batches, results, core.storage, feeds, work),
        BatchEvents(batches, core.wakeups),
    )


def batch_flows(core: Core, pipeline: LocalPipeline) -> Mapping[str, Flow]:
    """The flows of batches, by name."""
    settings, clock = core.settings, core.time
    batches, work = _batches(core), BatchWork(core.database, core.wakeups, core.time, default_limits(settings))
    plans = BatchPlans(core.database, core.wakeups, clock)
    placements, limits = open_checker(settings).placements, batch_limits(settings)
    kept = settings.data_dir / "cache" / "feed-photos"
    photos = AddressPhotos(settings.data_dir / "work", kept, downloader(settings), clock)
    planning = BatchPlanning(batches, plans, _feeds(core), placements, limits, settings.compose_price, photos, clock)
    maker = FilmMaker(
        pipeline.generator,
        pipeline.compositor,
        pipeline.examiner,
        core.photos.reader,
        brand_color,
        _keep,
        core.space,
        pipeline.drafts,
    )
    films = RowFilms(
        maker, photos, kept, work, core.storage, settings.data_dir / "work", placements, settings.compose_price, clock
    )
    flows: dict[str, Flow] = {
        BATCH_FLOW: BatchFlow(planning, plans, work, core.wakeups).run,
        ROW_FLOW: RowFlow(films, batches, work, limits).run,
    }
    return {name: traced_flow(name, owned(flow), core.tracer, core.counts) for name, flow in flows.items()}


def batch_sweep(core: Core, engine: SweptEngine) -> BatchSweep:
    """A hook of the sweeper."""
    work = BatchWork(core.database, core.wakeups, core.time)
    plans = BatchPlans(core.database, core.wakeups, core.time)
    return BatchSweep(_batches(core), plans, work, engine, core.time)


def _batches(core: Core) -> BatchService:
    return BatchService(core.database, core.wakeups, core.time, limits=default_limits(core.settings))


def _feeds(core: Core) -> FeedFiles:
    folder = core.settings.data_dir
    files = LocalFiles(core.storage, folder / "cache" / "files")
    return FeedFiles(core.storage, files, downloader(core.settings), folder / "work", batch_limits(core.settings))


def _keep() -> None:
    """The worker tidies its cache itself, every ten minutes."""
