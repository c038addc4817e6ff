"""Work that kills its worker every time: it is given up after three deaths, is reported, and takes no other work along."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.settings import read_settings
from adreel.db.tables import PaidCallRow, StepAttemptRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.sessions.session import AssetKind, SessionRecord
from adreel.domain.sessions.stage import Stage
from adreel.media.segments.store import file_digest
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.flows.progress import END
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.services.sessions.records import NewAsset
from crash.poisoned import Poison, lay
from crash.suite import Crew
from crash.worker import SIZES
from support.db import add_user
from support.replicate import StandIn, write_image
from support.sessions import check_books

PATIENCE = 240.0
SECONDS = 0.8
HOSTED = "wan-2.2-i2v-fast"
COLOURS = ((200, 40, 40), (40, 160, 60), (50, 70, 200))
TESTS = Path(__file__).parents[3]


@dataclass
class Place:
    """Sessions of two people, and workers that are hired again whenever one has died."""

    core: Core
    orchestrator: VideoGenerationOrchestrator
    crew: Crew
    deaths: int = 0

    @property
    def poison(self) -> Path:
        return self.core.settings.data_dir / "poison"

    async def session(self, user: str, seed: int) -> str:
        session = await self.core.sessions.create(user, seed=seed)
        images = [self._photo(session.id, index) for index in range(len(COLOURS))]
        added = await self.core.sessions.add_images(user, session.id, images)
        await self.core.sessions.approve_images(user, session.id, [image.id for image in added])
        return session.id

    def _photo(self, session_id: str, index: int) -> NewAsset:
        key = f"sessions/{session_id}/images/{index}.png"
        path = self.core.storage.local_path(key)
        assert path is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, COLOURS[index], (640, 360))
        return NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", path.stat().st_size, view_type="front")

    async def clips(self, user: str, session_id: str, model: str = "local") -> None:
        await self.orchestrator.generate_clips(user, session_id, "calm", SECONDS, model)

    async def film(self, user: str, session_id: str) -> None:
        await self.orchestrator.compose_final_video(
            user, session_id, {"cta": "Order", "color": "#204060"}, {"enabled": False}
        )

    async def approve(self, user: str, session_id: str) -> None:
        clips = [clip.id for clip in (await self.core.sessions.view(session_id)).of_kind(AssetKind.CLIP)]
        await self.core.sessions.approve_clips(user, session_id, clips)

    async def work(self, *session_ids: str) -> list[SessionRecord]:
        """Until nothing is under way in these sessions; as they are then."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            sessions = [await self.core.sessions.record(one) for one in session_ids]
            if all(session.job is None for session in sessions):
                return sessions
            if self.crew.is_dead:
                self.deaths += self.crew.hired > 0
                await self.crew.hire()
            await asyncio.sleep(0.1)
        raise AssertionError(f"no end after {self.deaths} deaths")

    async def ends(self, session_id: str) -> list[tuple[str, str]]:
        events = await self.core.progress.replay(session_id, 0)
        return [(event.data[END], event.message) for event in events if END in event.data]

    async def count(self, session_id: str, kind: AssetKind) -> int:
        return len((await self.core.sessions.view(session_id)).of_kind(kind))

    async def calls(self, session_id: str) -> list[CallState]:
        query = select(PaidCallRow.state).where(PaidCallRow.session_id == session_id)
        async with self.core.database.reading() as transaction:
            return sorted(map(CallState, await transaction.scalars(query.where(PaidCallRow.model == HOSTED))))

    async def attempts(self) -> int:
        async with self.core.database.reading() as transaction:
            return len(list(await transaction.scalars(select(StepAttemptRow))))


@asynccontextmanager
async def opened(folder: Path, stand_in: StandIn, database_url: str | None) -> AsyncGenerator[Place]:
    folder.mkdir(exist_ok=True)
    environment = {
        "ADREEL_DATA_DIR": str(folder),
        "ADREEL_JOBS": "2",
        "ADREEL_REPLICATE_API_TOKEN": "token",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
        "CRASH_POISON": str(folder / "poison"),
        "CRASH_MOST": "3",
        "PYTHONPATH": os.pathsep.join((str(TESTS), os.environ.get("PYTHONPATH", ""))),
        **({"ADREEL_DATABASE_URL": database_url} if database_url else {}),
    }
    settings = read_settings(
        **{name.removeprefix("ADREEL_").lower(): value for name, value in environment.items() if "ADREEL" in name}
    )
    async with open_core(settings) as core:
        client = DurableClient(engine_database_url(settings))
        await client.open()
        orchestrator = VideoGenerationOrchestrator(
            core.sessions,
            core.ledger,
            core.progress,
            client,
            core.catalogue.videos,
            core.providers,
            SIZES,
            image_models=core.catalogue.images,
        )
        for user in ("ann", "bob"):
            await add_user(core.database, user)
        crew = Crew(settings, environment, ("crash.poisoned",))
        try:
            yield Place(core, orchestrator, crew)
        finally:
            crew.kill()
            await client.close()


@pytest.fixture
async def place(request: pytest.FixtureRequest, tmp_path: Path, stand_in: StandIn) -> AsyncGenerator[Place]:
    url = request.getfixturevalue("pg_database") if request.param == "postgresql" else None
    stand_in.rules(starting=0.1, processing=0.3, alike=True)
    async with opened(tmp_path / "data", stand_in, url) as found:
        yield found


# Who takes over differs from database to database, what kills a worker does not: each is tried where it was found.
on_postgresql = pytest.mark.parametrize("place", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@on_sqlite
async def test_a_clip_that_kills_its_worker_takes_no_other_along(place: Place) -> None:
    poisoned, neighbour = await place.session("ann", 1), await place.session("bob", 2)
    lay(place.poison, Poison.DRAW, poisoned)
    await place.clips("ann", poisoned)
    await place.clips("bob", neighbour)
    mine, other = await place.work(poisoned, neighbour)
    assert place.deaths == 3
    assert (mine.stage, other.stage) == (Stage.CLIP_SELECTION, Stage.CLIP_SELECTION)
    assert await place.count(poisoned, AssetKind.CLIP) == 2
    assert await place.count(neighbour, AssetKind.CLIP) == 3
    ((end, words),) = await place.ends(poisoned)
    assert end == "ready"
    assert "clip 1: the work was killed 3 times" in words
    assert [words for _, words in await place.ends(neighbour)] == ["3 clips are ready"]
    assert await place.attempts() == 0


@on_postgresql
async def test_a_bought_clip_that_kills_its_worker_stays_bought(place: Place, stand_in: StandIn) -> None:
    poisoned, neighbour = await place.session("ann", 1), await place.session("bob", 2)
    lay(place.poison, Poison.CONFORM, poisoned)
    await place.clips("ann", poisoned, HOSTED)
    await place.clips("bob", neighbour, HOSTED)
    mine, other = await place.work(poisoned, neighbour)
    assert place.deaths == 3
    assert (mine.stage, other.stage) == (Stage.CLIP_SELECTION, Stage.CLIP_SELECTION)
    assert await place.count(poisoned, AssetKind.CLIP) == 2
    assert await place.count(neighbour, AssetKind.CLIP) == 3
    assert await place.calls(poisoned) == [CallState.PAID, CallState.PAID, CallState.SUBMITTED]
    videos = [entry for entry in stand_in.billing()["entries"] if entry["model"].startswith("wan-video/")]
    assert len(videos) == 6
    # The operator has made room: asking again makes what is missing, of what is bought already.
    place.poison.unlink()
    await place.core.sessions.approve_images("ann", poisoned, mine.approved_image_ids)
    await place.clips("ann", poisoned, HOSTED)
    await place.work(poisoned)
    assert await place.count(poisoned, AssetKind.CLIP) == 3
    assert await place.calls(poisoned) == [CallState.PAID] * 3
    again = [entry for entry in stand_in.billing()["entries"] if entry["model"].startswith("wan-video/")]
    assert len(again) == 6
    await check_books(place.core.database)


@on_sqlite
async def test_a_picture_that_kills_its_worker_stays_bought(place: Place, stand_in: StandIn) -> None:
    session = await place.core.sessions.create("ann", seed=1)
    lay(place.poison, Poison.IMAGE, session.id)
    await place.orchestrator.generate_images("ann", session.id, "A mug", 2, "flux-pro")
    (mine,) = await place.work(session.id)
    assert (place.deaths, mine.stage) == (3, Stage.IMAGE_SELECTION)
    ((end, words),) = await place.ends(session.id)
    assert (end, "image 1: the work was killed 3 times" in words) == ("ready", True)
    place.poison.unlink()
    await place.orchestrator.generate_images("ann", session.id, "A mug", 2, "flux-pro")
    await place.work(session.id)
    assert await place.count(session.id, AssetKind.IMAGE) == 2
    bought = [entry for entry in stand_in.billing()["entries"] if entry["model"].startswith("black-forest")]
    assert len(bought) == 2


@on_sqlite
async def test_a_film_that_kills_its_worker_fails_and_can_be_asked_for_again(place: Place) -> None:
    poisoned, neighbour = await place.session("ann", 1), await place.session("bob", 2)
    people = {"ann": poisoned, "bob": neighbour}
    for user, session_id in people.items():
        await place.clips(user, session_id)
    await place.work(poisoned, neighbour)
    lay(place.poison, Poison.FILM, poisoned)
    for user, session_id in people.items():
        await place.approve(user, session_id)
        await place.film(user, session_id)
    mine, other = await place.work(poisoned, neighbour)
    assert place.deaths == 3
    assert (mine.stage, mine.return_stage, other.stage) == (Stage.FAILED, Stage.FINAL_COMPOSITION, Stage.COMPLETE)
    assert "killed 3 times" in (mine.error or "")
    assert (await place.ends(poisoned))[-1] == ("failed", mine.error)
    place.poison.unlink()
    await place.film("ann", poisoned)
    (mine,) = await place.work(poisoned)
    assert mine.stage is Stage.COMPLETE


@on_sqlite
async def test_a_step_that_is_not_heavy_is_given_up_too(place: Place) -> None:
    poisoned, neighbour = await place.session("ann", 1), await place.session("bob", 2)
    lay(place.poison, Poison.PLAN, poisoned)
    await place.clips("ann", poisoned)
    await place.clips("bob", neighbour)
    mine, other = await place.work(poisoned, neighbour)
    assert place.deaths == 3
    assert (mine.stage, mine.return_stage, other.stage) == (Stage.FAILED, Stage.IMAGE_SELECTION, Stage.CLIP_SELECTION)
    assert [end for end, _ in await place.ends(poisoned)] == ["failed"]
    assert await place.count(neighbour, AssetKind.CLIP) == 3
