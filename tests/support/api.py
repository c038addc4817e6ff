"""The API over real services on an empty SQLite database and a folder. Brings pytest fixtures."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from adreel.agents.drafts.draft_films import DraftFilms, DraftTools
from adreel.catalogue.loader import load_catalogue
from adreel.db.engine import Database, sqlite_url
from adreel.db.migrate import is_current
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits
from adreel.domain.catalogues.batch import BatchLimits
from adreel.domain.errors import SetupError
from adreel.domain.films.formats import ASPECTS
from adreel.domain.ids import MakeId, new_id, utc_now
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.domain.sessions.stage import Action
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore
from adreel.orchestrator.catalogues.commands import BatchCommands
from adreel.orchestrator.catalogues.downloads import BatchDownloads
from adreel.orchestrator.catalogues.feeds import FeedFiles
from adreel.orchestrator.catalogues.following import BatchEvents
from adreel.orchestrator.deletions import Deletions
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.film_brands import FilmBrands
from adreel.orchestrator.flows.film_inputs import FilmInputs
from adreel.orchestrator.previews.card_previews import CardPreviews
from adreel.orchestrator.previews.clip_previews import ClipPreviews
from adreel.orchestrator.previews.script_stills import ScriptStills
from adreel.orchestrator.previews.session_drafts import SessionDrafts
from adreel.orchestrator.previews.spoken_lines import SpokenLines
from adreel.orchestrator.queue_loads import QueueLoads
from adreel.orchestrator.session_scripts import ScriptCommands
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.placements.loader import load_placements
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.routers.common.credentials import TicketSigner
from adreel.routers.common.options import AppOptions
from adreel.routers.common.services import Batches, Services
from adreel.server.app import create_app
from adreel.server.connections.gate import Gate
from adreel.server.connections.guarded import guarded as guarded_protocols
from adreel.server.connections.limits import ConnectionLimits as ConnectionLimits
from adreel.services.accounts.account_data import AccountService
from adreel.services.accounts.directory import AccountDirectory
from adreel.services.accounts.idempotency import IdempotencyService
from adreel.services.accounts.known_devices import KnownDevices
from adreel.services.accounts.limits_service import LimitsService
from adreel.services.accounts.passwords import Passwords
from adreel.services.accounts.service import AuthService
from adreel.services.accounts.token_watch import TokenWatch
from adreel.services.accounts.usage import UsageService
from adreel.services.brands.files import UserFiles
from adreel.services.brands.intake import FileIntake
from adreel.services.brands.kits import BrandService
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.results import BatchResults
from adreel.services.deletion.service import DeletionService
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.copies import SessionCopies
from adreel.services.sessions.music_previews import MusicPreviews
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
from adreel.services.sessions.thumbnails import ThumbnailService
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.links import LinkSigner
from adreel.services.storage_service import LocalFiles, StorageService
from adreel.services.webhooks.posting import WebhookPoster
from adreel.services.webhooks.service import WebhookService
from support.photos import direct_photos
from support.sessions import DETAILS

BASE = "http://127.0.0.1:8000"
SECRET = b"a secret of tests, thirty-two by"
LOCAL_OPTIONS = AppOptions(auth_required=False)
STARTED_SECONDS = 30


@dataclass(frozen=True)
class Backend:
    """Everything below the API."""

    database: Database
    services: Services
    hub: EventBus
    jobs: DurableClient
    folder: Path

    async def asset(self, session_id: str, asset: NewAsset, content: bytes) -> Asset:
        """A stored and recorded file of a session."""
        path = self.folder / "made"
        await asyncio.to_thread(path.write_bytes, content)
        await self.services.storage.upload_file(path, asset.content_type, asset.storage_key)
        return await self.services.sessions.add_made(session_id, asset)


async def public_address(_host: str, _port: int) -> list[str]:
    """A Resolver without a network: every name has the same public address."""
    return ["93.184.215.14"]


async def no_address(_host: str, _port: int) -> list[str]:
    """A Resolver that knows no name."""
    return []


def build_backend(
    url: str, folder: Path, make_id: MakeId = new_id, limits: AccountLimits = NO_LIMITS, *, hosted: bool = False
) -> Backend:
    """Services on a migrated database, which allow accounts so much. Work that is started is recorded, queued and not done.

    With `hosted` models of Replicate can be ordered.
    """
    database = Database(url)
    sessions = SessionService(database, make_id=make_id, limits=limits)
    hub = EventBus()
    progress = ProgressService(database, hub)
    storage = StorageService(FolderStore(folder / "storage"))
    watch = TokenWatch(database)
    auth = AuthService(database, Passwords(time_cost=1, memory_kib=64), limits=limits, ended=watch.end)
    jobs = DurableClient(sqlite_url(folder / "jobs.db"))
    catalogue = load_catalogue()
    ledger = LedgerService(database, limits=limits)
    providers = ("replicate",) if hosted else ()
    files = LocalFiles(storage, folder / "cache" / "files")
    user_files = UserFiles(database, make_id=make_id, limits=limits)
    brands = FilmBrands(BrandService(database, make_id=make_id), user_files, files)
    orchestrator = VideoGenerationOrchestrator(
        sessions,
        ledger,
        progress,
        jobs,
        catalogue.videos,
        providers,
        image_models=catalogue.images,
        text_models=catalogue.texts,
        brands=brands,
    )

    async def migrations() -> None:
        if not await is_current(database):
            raise SetupError("the database lacks migrations; run adreel db upgrade")

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        await progress.start()
        try:
            yield
        finally:
            await progress.close()

    photos = direct_photos()
    engine = LocalEngine(photos.reader.load)
    cards = CardPreviews(sessions, files, photos, brand_color, engine.product_picture, brands)
    services = Services(
        sessions=sessions,
        progress=progress,
        storage=storage,
        auth=auth,
        orchestrator=orchestrator,
        scripts=ScriptCommands(sessions, progress, brands),
        idempotency=IdempotencyService(database),
        usage=UsageService(database, QueueLoads(jobs).read),
        ledger=ledger,
        limits=LimitsService(database, limits),
        photos=photos,
        thumbnails=ThumbnailService(sessions, storage, photos, folder / "work"),
        copies=SessionCopies(sessions, storage, folder / "work", make_id),
        cards=cards,
        clip_previews=ClipPreviews(sessions, files, engine, SegmentStore(folder / "cache" / "previews")),
        spoken_lines=SpokenLines(sessions, brands),
        script_stills=ScriptStills(sessions, files, engine, engine.product_picture, cards.product_color, brands),
        drafts=SessionDrafts(
            sessions,
            FilmInputs(files, photos, brand_color, ASPECTS),
            DraftFilms(_draft_tools(folder / "cache", engine), 1),
            catalogue.videos,
            cards.product_color,
            brands,
        ),
        music=MusicPreviews(folder / "cache" / "sound"),
        links=LinkSigner(SECRET, utc_now),
        tickets=TicketSigner(SECRET),
        devices=KnownDevices(SECRET),
        watch=watch,
        deletions=Deletions(DeletionService(database, make_id=make_id), storage, jobs, folder / "cache"),
        account=AccountService(database, make_id=make_id),
        user_webhooks=WebhookService(database, WebhookPoster(resolver=public_address), make_id=make_id),
        brands=brands.kits,
        user_files=user_files,
        file_intake=FileIntake(user_files, storage, make_id),
        directory=AccountDirectory(database, ended=watch.end),
        catalogue=catalogue,
        catalogues=_batches(database, storage, jobs, folder, make_id),
        checks={"database": database.ping, "storage": storage.check, "migrations": migrations},
        running=running,
    )
    return Backend(database, services, hub, jobs, folder)


def _batches(
    database: Database, storage: StorageService, jobs: DurableClient, folder: Path, make_id: MakeId
) -> Batches:
    wakeups = Wakeups(database)
    batches, results = BatchService(database, wakeups, make_id=make_id), BatchResults(database)
    files = LocalFiles(storage, folder / "cache" / "files")
    feeds = FeedFiles(storage, files, Downloader(resolver=no_address), folder / "work", BatchLimits())
    commands = BatchCommands(batches, feeds, load_placements(), jobs, make_id)
    downloads = BatchDownloads(batches, results, storage, feeds, folder / "work")
    return Batches(batches, commands, results, downloads, BatchEvents(batches, wakeups))


def _draft_tools(cache: Path, engine: LocalEngine) -> DraftTools:
    maker = SegmentMaker(SegmentStore(cache / "segments"), find_ffmpeg())
    examiner = ClipExaminer(cache / "examined", find_ffmpeg())
    return DraftTools(engine, maker, examiner, SoundtrackStore(cache / "sound"), engine.product_picture)


@dataclass
class Api:
    """An app and a client that speaks to it without a network."""

    backend: Backend
    app: FastAPI
    http: httpx.AsyncClient

    @property
    def services(self) -> Services:
        return self.backend.services

    async def new_session(self, **body: Any) -> str:
        answer = await self.http.post("/api/sessions/create", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def upload(self, session_id: str, *photos: bytes, **data: str) -> httpx.Response:
        files = [("files", (f"photo {index}.jpg", photo, "image/jpeg")) for index, photo in enumerate(photos)]
        return await self.http.post(f"/api/sessions/{session_id}/images", files=files, data=data)

    async def with_images(self, count: int = 2) -> tuple[str, list[str]]:
        """A session with approved images."""
        session_id = await self.new_session(product_prompt="a mug")
        uploaded = await self.upload(session_id, *[photo(seed) for seed in range(count)])
        ids = [image["id"] for image in uploaded.json()["images"]]
        body = {"session_id": session_id, "approved_image_ids": ids}
        assert (await self.http.post("/api/save-approved-images", json=body)).status_code == 200
        return session_id, ids

    async def with_clips(self, count: int = 2) -> tuple[str, list[str]]:
        """A session at clip_selection, whose clips are empty files."""
        session_id, images = await self.with_images(count)
        user = await self.services.sessions.record(session_id)
        await self.services.sessions.begin(user.user_id, session_id, Action.GENERATE_CLIPS, f"{session_id}-job", {})
        clips = [
            await self.backend.asset(session_id, clip_of(session_id, image, number), b"clip")
            for number, image in enumerate(images)
        ]
        await self.services.sessions.finish(f"{session_id}-job")
        return session_id, [clip.id for clip in clips]


def clip_of(session_id: str, image_id: str | None, number: int, clip_id: str | None = None) -> NewAsset:
    return NewAsset(
        id=clip_id,
        kind=AssetKind.CLIP,
        storage_key=f"sessions/{session_id}/clips/clip{number}.mp4",
        content_hash=f"{number:064d}",
        content_type="video/mp4",
        size_bytes=4,
        request=f"clip {number}",
        view_type="front",
        source_image_id=image_id,
        model="local",
        generation_time=1.5,
        details=DETAILS,
    )


def photo(seed: int = 0, kind: str = "JPEG", side: int = 240, **options: Any) -> bytes:
    """A picture whose colour depends on the seed."""
    file = BytesIO()
    color = (seed * 47 % 256, seed * 101 % 256, 90)
    Image.new("RGB", (side, side + 10), color).save(file, kind, **options)
    return file.getvalue()


@asynccontextmanager
async def opened_api(backend: Backend, options: AppOptions = LOCAL_OPTIONS) -> AsyncGenerator[Api]:
    app = create_app(backend.services, options)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=BASE))
        yield Api(backend, app, http)


@pytest.fixture
async def backend(sqlite_database: str, tmp_path: Path) -> AsyncIterator[Backend]:
    built = build_backend(sqlite_database, tmp_path)
    await built.jobs.open()
    yield built
    await built.jobs.close()
    await built.services.storage.close()
    await built.database.close()


@pytest.fixture
async def api(backend: Backend) -> AsyncIterator[Api]:
    """The API of a machine where nobody logs in."""
    async with opened_api(backend) as found:
        yield found


PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture
async def guarded(backend: Backend) -> AsyncIterator[Api]:
    """The API where people log in; `ada@example.com` and `bob@example.com` have accounts."""
    for name in ("ada", "bob"):
        await backend.services.auth.register(f"{name}@example.com", PASSWORD)
    async with opened_api(backend, AppOptions(auth_required=True, metrics_token="metrics")) as found:  # noqa: S106
        yield found


async def log_in(api: Api, name: str) -> dict[str, str]:
    """The header that shows who one is."""
    answer = await api.http.post("/api/auth/login", json={"email": f"{name}@example.com", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@dataclass
class Served:
    """An app behind a real server in this event loop."""

    backend: Backend
    app: FastAPI
    server: uvicorn.Server
    address: str

    @property
    def ws(self) -> str:
        return self.address.replace("http", "ws", 1)


@asynccontextmanager
async def served(backend: Backend, options: AppOptions = LOCAL_OPTIONS) -> AsyncGenerator[Served]:
    """The app on a free port of this machine, behind the same guard as in `adreel serve`."""
    app = create_app(backend.services, options)
    http, ws = guarded_protocols(Gate(ConnectionLimits()))
    config = uvicorn.Config(
        app,
        http=http,
        ws=ws,
        log_level="warning",
        access_log=False,
        ws_max_size=65536,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0), backlog=2048)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        async with asyncio.timeout(STARTED_SECONDS):
            while not server.started:  # noqa: ASYNC110 (a server tells by this flag only)
                await asyncio.sleep(0.01)
        try:
            yield Served(backend, app, server, f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            await task


def with_services(backend: Backend, **changed: Any) -> Backend:
    return replace(backend, services=replace(backend.services, **changed))
