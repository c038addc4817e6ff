"""Deletions with a store away, with work under way, and with what comes late."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from adreel.db.sqlite_files import truncate_wal
from adreel.domain.errors import AdreelError, StorageError
from adreel.domain.sessions.session import AssetKind, Json
from adreel.orchestrator.deletions import Deletions
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import JobState, QueueLimits, Steps
from adreel.services.deletion.service import GAPS, DeletionService
from adreel.services.sessions.thumbnail_keys import thumbnail_key
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService
from support.durable import until, until_state
from support.flows import Hall
from support.sessions import Ticking


@dataclass
class Away(FolderStore):
    """A folder that cannot be reached while `away`."""

    root: Path
    away: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.root)

    async def delete_prefix(self, prefix: str) -> int:
        self._check()
        return await super().delete_prefix(prefix)

    async def delete(self, key: str) -> None:
        self._check()
        await super().delete(key)

    def _check(self) -> None:
        if self.away:
            raise StorageError("the storage does not answer")


@dataclass
class Engine:
    """The engine's database, which may be away."""

    workflows: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    erased: set[str] = field(default_factory=set[str])
    away: bool = False

    async def workflows_of(self, session_id: str) -> frozenset[str]:
        if self.away:
            raise StorageError("the database of jobs does not answer")
        return frozenset(self.workflows.get(session_id, ()))

    async def erase(self, workflow_ids: Collection[str]) -> None:
        self.erased |= set(workflow_ids)


@dataclass
class Yard:
    """A hall's sessions, and deletions whose stores can be taken away."""

    hall: Hall
    store: Away
    engine: Engine = field(default_factory=Engine)
    clock: Ticking = field(default_factory=Ticking)

    def __post_init__(self) -> None:
        self.hall.sessions._clock = self.clock
        self.service = DeletionService(self.hall.database, self.clock)
        self.deletions = self.process()

    def process(self) -> Deletions:
        storage = StorageService(self.store)
        return Deletions(self.service, storage, self.engine, self.hall.folder / "machine" / "cache")

    def files(self, session_id: str) -> list[Path]:
        found = (self.hall.folder / "storage" / "sessions" / session_id).rglob("*")
        return [path for path in found if path.is_file()]

    def cached(self) -> list[Path]:
        return [path for path in (self.hall.folder / "machine" / "cache").rglob("*") if path.is_file()]


@pytest.fixture
def yard(hall: Hall) -> Yard:
    return Yard(hall, Away(hall.folder / "storage"))


async def test_a_store_that_is_away_gets_its_deletion_when_it_is_back(yard: Yard) -> None:
    session = await yard.hall.session()
    await yard.hall.make_clips(session.id)
    yard.engine.workflows[session.id] = {"job", "job:clip:0"}
    yard.store.away = yard.engine.away = True
    await yard.hall.sessions.delete("ann", session.id)
    await yard.deletions.soon(session.id)
    assert yard.files(session.id) != []
    assert await yard.deletions.pending() == 1
    # One half is back: it is done, and the rest is tried on.
    yard.engine.away = False
    yard.clock.now += timedelta(minutes=1)
    await yard.deletions.sweep()
    assert yard.engine.erased >= {"job", "job:clip:0"}
    assert yard.files(session.id) != []
    # Another process, after this one was killed.
    yard.store.away = False
    yard.clock.now += timedelta(minutes=1)
    await yard.process().sweep()
    assert yard.files(session.id) == []
    assert await yard.deletions.pending() == 0


async def test_what_a_worker_stores_after_the_deletion_goes_in_the_next_pass(yard: Yard) -> None:
    session = await yard.hall.session()
    await yard.hall.sessions.delete("ann", session.id)
    await yard.deletions.soon(session.id)
    late = yard.hall.folder / "storage" / "sessions" / session.id / "clips" / "late.mp4"
    late.parent.mkdir(parents=True)
    for gap in GAPS:
        late.parent.mkdir(parents=True, exist_ok=True)
        late.write_bytes(b"a clip that was being made")
        await yard.deletions.sweep()
        assert late.exists()
        yard.clock.now += gap
        await yard.deletions.sweep()
        assert not late.exists()


async def test_clips_of_a_session_that_is_deleted_while_they_are_made_leave_nothing(yard: Yard) -> None:
    hall = yard.hall
    session = await hall.session()
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", 0.8)
    await hall.orchestrator.cancel("ann", session.id)
    await hall.sessions.delete("ann", session.id)
    await yard.deletions.soon(session.id)
    # A worker that has not heard of it.
    hall.jobs.cancelled.clear()
    with suppress(AdreelError):
        await hall.jobs.work(started.job_id)
    yard.clock.now += GAPS[0]
    await yard.deletions.sweep()
    await yard.deletions.sweep_here()
    assert yard.files(session.id) == []
    assert yard.cached() == []


async def test_cached_segments_go_with_the_last_session_that_used_them(yard: Yard) -> None:
    hall = yard.hall
    first, second = await hall.session(), await hall.session()
    for session in (first, second):
        await hall.make_clips(session.id)
        await hall.approve(session.id)
        film = await hall.orchestrator.compose_final_video(
            "ann", session.id, {"cta": "Buy", "color": "#204060"}, {"genre": "chill"}
        )
        await hall.jobs.work(film.job_id)
    segments = {path for path in yard.cached() if path.suffix in (".mp4", ".m4a")}
    assert len(segments) >= 4
    await hall.sessions.delete("ann", first.id)
    await yard.deletions.soon(first.id)
    assert segments <= set(yard.cached())
    await hall.sessions.delete("ann", second.id)
    await yard.deletions.soon(second.id)
    assert yard.cached() == []


async def test_a_clip_bought_for_one_session_and_reused_in_another_outlives_the_first(yard: Yard) -> None:
    hall = yard.hall
    first, second = await hall.session(1), await hall.session(1)
    for session in (first, second):
        await hall.make_clips(session.id, "wan-2.2-i2v-fast")
    assert len(hall.provider.orders) == 1
    await hall.sessions.delete("ann", first.id)
    await yard.deletions.soon(first.id)
    [clip] = (await hall.sessions.view(second.id)).of_kind(AssetKind.CLIP)
    assert await hall.storage.exists(clip.storage_key)
    assert await hall.storage.exists(clip.clip_details.segment.video)
    await hall.approve(second.id)
    film = await hall.orchestrator.compose_final_video(
        "ann", second.id, {"cta": "Buy", "color": "#204060"}, {"enabled": False}
    )
    await hall.jobs.work(film.job_id)
    assert (await hall.sessions.record(second.id)).final_video_id is not None


async def test_a_small_picture_drawn_after_the_deletion_does_not_stay(yard: Yard) -> None:
    session = await yard.hall.session(1)
    [image] = (await yard.hall.sessions.view(session.id)).assets
    await yard.hall.sessions.delete("ann", session.id)
    await yard.deletions.soon(session.id)
    path = yard.hall.folder / "storage" / thumbnail_key(image)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"drawn meanwhile, and taking it away failed")
    yard.clock.now += GAPS[0]
    await yard.deletions.sweep()
    assert not path.exists()


async def test_sessions_that_do_not_change_go_by_themselves_with_their_files(yard: Yard) -> None:
    old = await yard.hall.session(1)
    yard.clock.now += timedelta(days=8)
    young = await yard.hall.session(1)
    keeping = Deletions(
        yard.service, StorageService(yard.store), yard.engine, yard.hall.folder / "cache", keep=timedelta(days=7)
    )
    await yard.deletions.sweep()
    assert yard.files(old.id) != []
    await keeping.sweep()
    assert yard.files(old.id) == []
    assert yard.files(young.id) != []


async def test_several_processes_do_each_deletion_once(yard: Yard) -> None:
    for _ in range(6):
        session = await yard.hall.session(1)
        await yard.hall.sessions.delete("ann", session.id)
        yard.engine.workflows[session.id] = {f"job of {session.id}"}
    await asyncio.gather(*[yard.process().sweep() for _ in range(4)])
    assert len(yard.engine.erased) == 6
    assert await yard.deletions.pending() == 0
    assert list((yard.hall.folder / "storage" / "sessions").glob("*")) == []


WORDS = "the words of a prompt"


async def test_a_running_workflow_is_erased_and_nothing_of_it_comes_back(tmp_path: Path, database_url: str) -> None:
    is_sqlite = database_url.startswith("sqlite")
    url = f"sqlite:///{tmp_path / 'engine.db'}" if is_sqlite else database_url
    reached, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Json:
        reached.set()
        await go.wait()
        return {"words": WORDS}

    async def flow(steps: Steps, order: Json) -> Json:
        await steps.run("quick", quick)
        await steps.run("slow", slow)
        return {"words": WORDS}

    async def quick() -> Json:
        return {"words": WORDS}

    engine = DurableEngine(url, {"play": flow}, "one", {"jobs": QueueLimits(4, 4)}, poll_seconds=0.05)
    await engine.launch()
    order = {"session_id": "gone", "prompt": WORDS}
    try:
        await engine.enqueue("play", "mine", order, "jobs")
        await engine.enqueue("play", "other", {**order, "session_id": "gone-not"}, "jobs")
        await until(reached.is_set, "the slow step")
        assert await engine.workflows_of("gone") == {"mine"}
        await engine.erase({"mine"})
        assert await engine.status("mine") is None
        go.set()
        await until_state(engine, "other", lambda state: state is JobState.DONE)
        await asyncio.sleep(1)
        # Whatever the run that was at work has written since.
        await engine.erase({"mine"})
    finally:
        await engine.close(2)
    client = DurableClient(url)
    await client.open()
    try:
        await client.erase({"other"})
        if is_sqlite:
            truncate_wal(tmp_path / "engine.db")
            assert not any(WORDS.encode() in path.read_bytes() for path in tmp_path.glob("engine.db*"))
        assert await client.workflows_of("gone-not") == frozenset()
    finally:
        await client.close()
