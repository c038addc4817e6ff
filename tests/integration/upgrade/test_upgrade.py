"""Jobs that an older version of adreel had begun when it was killed end with today's code, and nothing is bought twice.

`make_fixture.py` made the data folders with that version. Each is opened as by `adreel serve` after an upgrade: the migrations
run, a worker resumes the jobs, and the provider (one stand-in for all) has the orders that the older version placed.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import tarfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.settings import read_settings
from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.domain.sessions.stage import Action, Stage
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.routers.common.options import AppOptions
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.schemas.sessions import SessionAnswer
from adreel.services.storage.links import LinkSigner
from crash.worker import SIZES, flows_of, remotes, worker_of
from support.replicate import Json, StandIn
from support.sessions import check_books

ARCHIVE = Path(__file__).with_name("d629fb1.tar.xz")
CASES = (
    "composing",
    "film-stored",
    "clip-drawn",
    "order-sent",
    "order-accepted",
    "clip-recorded",
    "image-fetched",
    "answer-ordered",
)
GOES_ON = ("clip-drawn", "order-sent")
"""Cases whose sessions are taken to the film: the clips of all others are recorded in the same way."""

ENDS = {
    Action.GENERATE_IMAGES: Stage.IMAGE_SELECTION,
    Action.GENERATE_CLIPS: Stage.CLIP_SELECTION,
    Action.COMPOSE: Stage.COMPLETE,
}
PHOTOS, WORDED, FRAMES = 3, 2, 24
SECONDS = 120.0


@dataclass(frozen=True)
class Place:
    """The stand-in with the orders of all cases, and their folders."""

    stand_in: StandIn
    folders: Path

    def facts(self, case: str) -> Json:
        return json.loads((self.folders / case / "facts.json").read_text(encoding="utf-8"))

    def orders(self, case: str) -> set[str]:
        """The ids of the orders that the older version placed."""
        events = _events(self.folders / case)
        return {event["prediction"]["id"] for event in events if event["event"] == "created"}

    def bill(self) -> dict[str, Decimal]:
        return {entry["id"]: Decimal(entry["charged"]) for entry in self.stand_in.billing()["entries"]}


@dataclass(frozen=True)
class Today:
    """A worker of today's code on a data folder of the older version."""

    core: Core
    orchestrator: VideoGenerationOrchestrator

    async def ended(self, session_id: str, stage: Stage) -> SessionView:
        """The session once its job has ended there."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            view = await self.core.sessions.view(session_id)
            assert view.session.stage is not Stage.FAILED, view.session.error
            if view.session.job is None:
                assert view.session.stage is stage
                return view
            await asyncio.sleep(0.05)
        events = await self.core.progress.replay(session_id, 0)
        raise AssertionError(f"not at {stage}; the last events: {[event.message for event in events][-5:]}")

    async def repeated(self, view: SessionView, model: str) -> SessionView:
        """The session once the same clips were requested again."""
        session = view.session
        prompt, seconds = session.video_prompt, FRAMES / 30
        # The older version always asked a language model for the scenes.
        await self.orchestrator.generate_clips(session.user_id, session.id, prompt, seconds, model, ideas=True)
        return await self.ended(session.id, Stage.CLIP_SELECTION)

    async def film(self, session_id: str, user: str) -> SessionView:
        """Goes on from the clips of a session to its film."""
        clips = (await self.core.sessions.view(session_id)).of_kind(AssetKind.CLIP)
        ids = [clip.id for clip in clips]
        await self.core.sessions.approve_clips(user, session_id, ids, ids)
        await self.orchestrator.compose_final_video(user, session_id, {"cta": "Order yours"}, {"enabled": False})
        return await self.ended(session_id, Stage.COMPLETE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folders = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folders, filter="data")
    state = folders / "provider"
    (state / "files").mkdir(parents=True)
    stopped = max(_facts(folders / case)["stopped_at"] for case in CASES)
    # The provider's clock goes on from there: it keeps outputs for an hour only.
    clock = {"base": stopped, "since": 1e18, "speed": 1.0, "skew": 0.0}
    lines = [event for case in CASES for event in _events(folders / case)]
    lines.append({"event": "clock", "state": clock})
    (state / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    stand_in = StandIn("--seed", "100", "--state", str(state))
    try:
        stand_in.rules(processing=0.2, plans=False)
        yield Place(stand_in, folders)
    finally:
        stand_in.stop()


def _facts(folder: Path) -> Json:
    return json.loads((folder / "facts.json").read_text(encoding="utf-8"))


def _events(folder: Path) -> list[Json]:
    return [json.loads(line) for line in (folder / "provider" / "journal.jsonl").read_text("utf-8").splitlines()]


def _move_provider(folder: Path, stand_in: StandIn) -> None:
    """The stand-in has another address than before, which the addresses of outputs in stored results follow."""
    facts = _facts(folder)
    with sqlite3.connect(folder / "engine.db") as connection:
        for old, new in ((facts["api"], stand_in.api), (facts["outputs"], stand_in.outputs)):
            connection.execute("UPDATE operation_outputs SET output = replace(output, ?, ?)", (old, new))
    connection.close()


@asynccontextmanager
async def opened(folder: Path, stand_in: StandIn) -> AsyncGenerator[Today]:
    settings = read_settings(
        data_dir=str(folder),
        jobs=2,
        replicate_api_token="token",  # noqa: S106
        replicate_base_url=stand_in.api,
        download_hosts=stand_in.output_host,
    )
    async with open_core(settings) as core, remotes(core) as engines:
        worker = worker_of(core, flows_of(core, engines))
        await worker.start()
        try:
            yield Today(
                core,
                VideoGenerationOrchestrator(
                    core.sessions,
                    core.ledger,
                    core.progress,
                    worker.engine,
                    core.catalogue.videos,
                    core.providers,
                    SIZES,
                ),
            )
        finally:
            await worker.close(patience=1)


@pytest.mark.parametrize("case", CASES)
async def test_jobs_of_the_older_version_end_and_nothing_is_bought_twice(
    case: str, place: Place, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(place.folders / case, tmp_path / case))
    _move_provider(folder, place.stand_in)
    before, sessions = place.bill(), place.facts(case)["sessions"]
    async with opened(folder, place.stand_in) as today:
        for facts in sessions:
            await _check_session(today, facts, goes_on=case in GOES_ON)
        charged = {
            order: amount
            for order, amount in place.bill().items()
            if order in place.orders(case) or order not in before
        }
        await _check_ledger(today, charged, sessions)


async def _check_session(today: Today, facts: Json, *, goes_on: bool) -> None:
    """Its job ends where it must, with every image, clip and film once. `goes_on`: from clips to the film."""
    stage = ENDS[Action(facts["action"])] if facts["action"] else Stage(facts["stage"])
    view = await today.ended(facts["id"], stage)
    kinds = Counter(asset.kind for asset in view.assets)
    assert kinds[AssetKind.IMAGE] == (WORDED if facts["words"] else PHOTOS)
    assert kinds[AssetKind.CLIP] == (0 if stage is Stage.IMAGE_SELECTION else PHOTOS)
    if stage is Stage.CLIP_SELECTION and goes_on:
        # The plan of the older version still holds, though other language models plan today.
        assert (await today.repeated(view, facts["model"])).assets == view.assets
        view = await today.film(facts["id"], view.session.user_id)
    if view.session.stage is Stage.COMPLETE:
        (film,) = view.of_kind(AssetKind.FINAL)
        assert film.film_details.frames == PHOTOS * FRAMES + 30
        shown = _shown(today.core, view).final_video
        assert shown is not None
        assert shown.options is not None
        assert shown.options.model_dump()["text_overlay"]["cta"] == "Order yours"
        path = today.core.storage.local_path(film.storage_key)
        assert path is not None
        assert path.stat().st_size == film.size_bytes


def _shown(core: Core, view: SessionView) -> SessionAnswer:
    """The session as the API shows it."""
    return ResponseBuilder(LinkSigner(b"secret" * 6, core.time), AppOptions()).session(view)


async def _check_ledger(today: Today, charged: dict[str, Decimal], sessions: list[Json]) -> None:
    """The ledger and the provider agree on every order, and there are no more orders than pieces of work."""
    calls = await _calls(today.core)
    assert {call.provider_id: call.amount for call in calls if call.state != CallState.RELEASED} == charged
    assert {call.state for call in calls} <= {CallState.PAID, CallState.RELEASED}
    hosted = sum(WORDED if facts["words"] else PHOTOS for facts in sessions if facts["model"] != "local")
    paid = [call for call in calls if call.state == CallState.PAID]
    assert len([call for call in paid if ":text-" not in call.key]) == hosted
    # For every plan one question and one more, as what the stand-in writes makes no sense.
    assert len([call for call in paid if ":text-" in call.key]) == 2 * len(sessions)
    await check_books(today.core.database)


async def _calls(core: Core) -> list[PaidCallRow]:
    async with core.database.reading() as transaction:
        return list(await transaction.scalars(select(PaidCallRow)))
