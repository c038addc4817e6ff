"""Builds the app from the settings: creates the services and wires them."""

from __future__ import annotations

from fastapi import FastAPI

from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.data_folder import make_data_dir
from adreel.bootstrap.drafts import open_session_drafts
from adreel.bootstrap.hosted import webhooks_of
from adreel.bootstrap.limits import default_limits, limits_service
from adreel.bootstrap.remedies import token_setting, with_settings
from adreel.bootstrap.service import ServiceContext
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.storage import signing_secret, webhook_poster
from adreel.media.segments.store import SegmentStore
from adreel.orchestrator.previews.card_previews import CardPreviews
from adreel.orchestrator.previews.clip_previews import ClipPreviews
from adreel.orchestrator.previews.script_stills import ScriptStills
from adreel.orchestrator.previews.spoken_lines import SpokenLines
from adreel.orchestrator.session_scripts import ScriptCommands
from adreel.providers import registry
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.routers.common.credentials import TicketSigner
from adreel.routers.common.options import MAX_UPLOAD, MEGABYTE, AppOptions
from adreel.routers.common.services import Batches, Services
from adreel.server.app import create_app
from adreel.server.exposure import needs_login
from adreel.server.readiness import readiness_checks
from adreel.services.accounts.account_data import AccountService
from adreel.services.accounts.directory import AccountDirectory
from adreel.services.accounts.idempotency import IdempotencyService
from adreel.services.accounts.known_devices import KnownDevices
from adreel.services.accounts.service import AuthService
from adreel.services.accounts.token_watch import TokenWatch
from adreel.services.accounts.usage import UsageService
from adreel.services.brands.intake import FileIntake
from adreel.services.sessions.copies import SessionCopies
from adreel.services.sessions.music_previews import MusicPreviews
from adreel.services.sessions.thumbnails import ThumbnailService
from adreel.services.storage.links import LinkSigner
from adreel.services.storage_service import LocalFiles
from adreel.services.webhooks.service import WebhookService


def make_app(context: ServiceContext, host: str) -> FastAPI:
    """Builds the app for a service that listens on the address `host`. Raises SetupError."""
    core = context.core
    settings = core.settings
    make_data_dir(settings.data_dir)
    make_data_dir(settings.data_dir / "work")
    cache = settings.data_dir / "cache"
    secret = signing_secret(settings)
    watch = TokenWatch(core.database, core.time)
    auth = AuthService(core.database, clock=core.time, ended=watch.end, limits=default_limits(settings))
    photo_files = LocalFiles(core.storage, cache / "files")
    engine = LocalEngine(core.photos.reader.load)
    cards = CardPreviews(
        core.sessions, photo_files, core.photos, brand_color, engine.product_picture, core.brands, core.processor
    )
    services = Services(
        sessions=core.sessions,
        progress=core.progress,
        storage=core.storage,
        auth=auth,
        orchestrator=context.orchestrator,
        scripts=ScriptCommands(core.sessions, core.progress, core.brands),
        idempotency=IdempotencyService(core.database, core.time),
        usage=UsageService(core.database, context.queues.read),
        ledger=core.ledger,
        limits=limits_service(settings, core.database),
        photos=core.photos,
        thumbnails=ThumbnailService(
            core.sessions, core.storage, core.photos, settings.data_dir / "work", core.processor
        ),
        copies=SessionCopies(core.sessions, core.storage, settings.data_dir / "work"),
        cards=cards,
        clip_previews=ClipPreviews(
            core.sessions, photo_files, engine, SegmentStore(cache / "previews"), core.processor
        ),
        script_stills=ScriptStills(
            core.sessions, photo_files, engine, engine.product_picture, cards.product_color, core.brands, core.processor
        ),
        spoken_lines=SpokenLines(core.sessions, core.brands, core.processor),
        drafts=open_session_drafts(core, photo_files, engine, cards.product_color),
        music=MusicPreviews(cache / "sound", core.processor),
        processor=core.processor,
        links=LinkSigner(secret, core.time),
        tickets=TicketSigner(secret, core.time),
        devices=KnownDevices(secret, core.time),
        watch=watch,
        deletions=context.deletions,
        account=AccountService(core.database, core.time),
        user_webhooks=WebhookService(core.database, webhook_poster(settings), core.time),
        brands=core.brands.kits,
        user_files=core.brands.files,
        file_intake=FileIntake(core.brands.files, core.storage),
        directory=AccountDirectory(core.database, core.time, watch.end),
        catalogue=core.catalogue,
        catalogues=_batches(context),
        checks=readiness_checks(core, context.jobs),
        providers=core.providers,
        space=core.space,
        describe=with_settings,
        wanting={name: f"set {token_setting(each)} to use it" for name, each in registry.providers().items()},
        webhooks=webhooks_of(core),
        tracer=core.tracer,
        counts=core.counts,
        films=open_checker(settings, of_strangers=True),
    )
    return create_app(services, _options(settings, host))


def _batches(context: ServiceContext) -> Batches:
    parts = context.catalogues
    price = context.core.settings.compose_price
    return Batches(parts.batches, parts.commands, parts.results, parts.downloads, parts.events, price)


def _options(settings: Settings, host: str) -> AppOptions:
    public = settings.public_url.rstrip("/").lower() if settings.public_url else None
    return AppOptions(
        auth_required=needs_login(settings, host),
        allowed_origins=settings.cors_origins,
        trusted_proxies=settings.trusted_proxies,
        public_url=public,
        https=bool(public and public.startswith("https://")),
        metrics_token=None if settings.metrics_token is None else settings.metrics_token.get_secret_value(),
        work_folder=settings.data_dir / "work",
        keep_days=settings.keep_days,
        max_file=settings.upload_mb * MEGABYTE,
        max_upload=max(MAX_UPLOAD, (settings.upload_mb + 1) * MEGABYTE),
        listeners_per_user=settings.listeners_per_user,
        listeners=settings.max_connections,
    )
