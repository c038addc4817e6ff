"""The services of one running app, on which the routes depend; the server builds them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal

from adreel.billing.webhooks import Webhooks
from adreel.catalogue.models import Catalogue
from adreel.domain.errors import AdreelError
from adreel.domain.ids import MakeId, new_id
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.domain.work.tracing import NO_TRACES, Tracer
from adreel.domain.work.work_counts import WorkCounts
from adreel.orchestrator.catalogues.commands import BatchCommands
from adreel.orchestrator.catalogues.downloads import BatchDownloads
from adreel.orchestrator.catalogues.following import BatchEvents
from adreel.orchestrator.deletions import Deletions
from adreel.orchestrator.previews.card_previews import CardPreviews
from adreel.orchestrator.previews.clip_previews import ClipPreviews
from adreel.orchestrator.previews.script_stills import ScriptStills
from adreel.orchestrator.previews.session_drafts import SessionDrafts
from adreel.orchestrator.previews.spoken_lines import SpokenLines
from adreel.orchestrator.session_scripts import ScriptCommands
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.placements.checking import FilmChecker
from adreel.placements.isolated import read_facts_isolated
from adreel.routers.common.credentials import TicketSigner
from adreel.services.accounts.account_data import AccountService
from adreel.services.accounts.directory import AccountDirectory
from adreel.services.accounts.idempotency import IdempotencyService
from adreel.services.accounts.known_devices import KnownDevices
from adreel.services.accounts.limits_service import LimitsService
from adreel.services.accounts.service import AuthService
from adreel.services.accounts.token_watch import TokenWatch
from adreel.services.accounts.usage import UsageService
from adreel.services.brands.files import UserFiles
from adreel.services.brands.intake import FileIntake
from adreel.services.brands.kits import BrandService
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.results import BatchResults
from adreel.services.events.log import ProgressService
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.copies import SessionCopies
from adreel.services.sessions.music_previews import MusicPreviews
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from adreel.services.sessions.thumbnails import ThumbnailService
from adreel.services.storage.disk_space import DiskSpace
from adreel.services.storage.links import LinkSigner
from adreel.services.storage_service import StorageService
from adreel.services.webhooks.service import WebhookService

Check = Callable[[], Awaitable[None]]
"""Raises AdreelError when a dependency of the service does not work."""


@dataclass(frozen=True, slots=True)
class Batches:
    """What the API does with batches. `price` is that of a film, in US dollars."""

    batches: BatchService
    commands: BatchCommands
    results: BatchResults
    downloads: BatchDownloads
    events: BatchEvents
    price: Decimal = Decimal("0.00")


def _nothing() -> AbstractAsyncContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Services:
    """`auth` authenticates users and stores logins and keys.

    `watch` closes WebSockets whose login has ended: `auth` notifies it in this process, and it polls for other processes.
    `checks` are run by ``/ready``, by name. `providers` are the usable ones (``local``, and those with an account); `wanting`
    says for every other provider what to set. `running` is entered before the first request and left after the last: event
    delivery, an embedded worker.
    `space` is the disk on which uploads are inspected; None where it is not watched.
    `webhooks` handles webhooks from providers; None where they are not requested. `describe` adds to an error the settings that
    remedy it, for the log.
    `brands`, `user_files` and `file_intake` keep users' kits and their files. `films` checks films of strangers, `checking`
    limits how many at once. `processor` shares the cores among users. `tracer` records requests; `counts` counts the work of a
    worker in this process.
    """

    sessions: SessionService
    progress: ProgressService
    storage: StorageService
    auth: AuthService
    orchestrator: VideoGenerationOrchestrator
    scripts: ScriptCommands
    idempotency: IdempotencyService
    usage: UsageService
    ledger: LedgerService
    limits: LimitsService
    photos: PhotoService
    thumbnails: ThumbnailService
    copies: SessionCopies
    cards: CardPreviews
    clip_previews: ClipPreviews
    script_stills: ScriptStills
    spoken_lines: SpokenLines
    drafts: SessionDrafts
    music: MusicPreviews
    links: LinkSigner
    tickets: TicketSigner
    devices: KnownDevices
    watch: TokenWatch
    deletions: Deletions
    account: AccountService
    user_webhooks: WebhookService
    directory: AccountDirectory
    brands: BrandService
    user_files: UserFiles
    file_intake: FileIntake
    catalogue: Catalogue
    catalogues: Batches
    checks: Mapping[str, Check]
    providers: frozenset[str] = frozenset({"local"})
    wanting: Mapping[str, str] = field(default_factory=dict[str, str])
    webhooks: Webhooks | None = None
    describe: Callable[[AdreelError], str] = str
    space: DiskSpace | None = None
    films: FilmChecker = field(default_factory=lambda: FilmChecker(read=read_facts_isolated))
    checking: ConcurrencyLimiter = field(default_factory=lambda: ConcurrencyLimiter("checks", 1, 3))
    exports: ConcurrencyLimiter = field(default_factory=lambda: ConcurrencyLimiter("exports", 1, 3))
    processor: ProcessorShares = field(default_factory=ProcessorShares)
    make_id: MakeId = new_id
    tracer: Tracer = NO_TRACES
    counts: WorkCounts = field(default_factory=WorkCounts)
    running: Callable[[], AbstractAsyncContextManager[None]] = field(default=_nothing)
