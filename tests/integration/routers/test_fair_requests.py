"""One user floods what is limited in a process; another's request is served in the next round."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.media import thumbnails
from adreel.media.photos.photo import Photo
from adreel.media.photos.pixels import PhotoInfo
from adreel.orchestrator.previews import card_previews
from adreel.services.sessions.music_previews import MusicPreviews
from adreel.services.sessions.photos import PhotoService
from support.api import Api, log_in, photo

GREEDY = 12
Request = Callable[[str, dict[str, str], int], Awaitable[httpx.Response]]


class Arrivals:
    """Counts the requests of each user that have come as far as a queue."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    async def add(self, user_id: str) -> None:
        async with self._changed:
            self._count[user_id] += 1
            self._changed.notify_all()

    def forget(self) -> None:
        """Those of before."""
        self._count.clear()

    async def until(self, *counts: int) -> None:
        """Until so many have come, by user, the most first."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: sorted(self._count.values(), reverse=True) == list(counts))


@pytest.fixture
def arrivals(monkeypatch: pytest.MonkeyPatch) -> Arrivals:
    counted, place = Arrivals(), FairSemaphore.place

    @asynccontextmanager
    async def noted(semaphore: FairSemaphore, user_id: str) -> AsyncGenerator[None]:
        await counted.add(user_id)
        async with place(semaphore, user_id):
            yield

    monkeypatch.setattr(FairSemaphore, "place", noted)
    return counted


class Gate:
    """Work in threads that waits to be let through, one at a time."""

    def __init__(self) -> None:
        self.open = threading.Semaphore(0)

    def pass_through(self) -> None:
        assert self.open.acquire(timeout=30)


async def sessions_of(api: Api, headers: dict[str, str], count: int) -> list[str]:
    made = [await api.http.post("/api/sessions/create", json={}, headers=headers) for _ in range(count)]
    return [str(answer.json()["session_id"]) for answer in made]


async def place_of_the_other(gate: Gate, greedy: list[asyncio.Task[object]], other: asyncio.Task[object]) -> int:
    """How many pieces of work are let through until the other's is done: each lets one request end, however slowly."""
    waiting = {*greedy, other}
    for passed in range(1, GREEDY + 3):
        gate.open.release()
        done, waiting = await asyncio.wait(waiting, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        assert done, "nothing was served"
        if other in done:
            for _ in range(GREEDY):
                gate.open.release()
            await asyncio.gather(*greedy)
            return passed
    raise AssertionError("the other user was never served")


async def test_photos_of_two_users_are_checked_in_turn(
    guarded: Api, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, verify = Gate(), PhotoService.verify

    async def slow(photos: PhotoService, path: Path) -> PhotoInfo:
        await asyncio.to_thread(gate.pass_through)
        return await verify(photos, path)

    monkeypatch.setattr(PhotoService, "verify", slow)
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    ids = await sessions_of(guarded, ada, GREEDY)
    [mine] = await sessions_of(guarded, bob, 1)

    async def upload(session_id: str, headers: dict[str, str], seed: int) -> int:
        files = [("files", ("a.jpg", photo(seed), "image/jpeg"))]
        answer = await guarded.http.post(f"/api/sessions/{session_id}/images", files=files, headers=headers)
        return answer.status_code

    greedy = [asyncio.create_task(upload(one, ada, seed)) for seed, one in enumerate(ids)]
    await arrivals.until(GREEDY)
    other = asyncio.create_task(upload(mine, bob, 99))
    await arrivals.until(GREEDY, 1)
    assert await place_of_the_other(gate, [*greedy], other) <= 4
    assert other.result() == 200


async def test_cards_of_two_users_are_drawn_in_turn(
    guarded: Api, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()

    def slow(*_: object) -> bytes:
        gate.pass_through()
        return b"png"

    monkeypatch.setattr(card_previews, "card_png", slow)
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    [hers], [mine] = await sessions_of(guarded, ada, 1), await sessions_of(guarded, bob, 1)

    async def preview(session_id: str, headers: dict[str, str]) -> int:
        body = {"kind": "intro", "text_overlay": {"product_name": "Mug", "color": "#aa3322"}}
        answer = await guarded.http.post(f"/api/sessions/{session_id}/card-preview", json=body, headers=headers)
        return answer.status_code

    greedy = [asyncio.create_task(preview(hers, ada)) for _ in range(GREEDY)]
    await arrivals.until(GREEDY)
    other = asyncio.create_task(preview(mine, bob))
    await arrivals.until(GREEDY, 1)
    assert await place_of_the_other(gate, [*greedy], other) <= 4
    assert other.result() == 200


async def test_thumbnails_are_drawn_in_turn_of_those_who_own_them(
    guarded: Api, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")

    async def links(headers: dict[str, str], count: int, seed: int) -> list[str]:
        [session_id] = await sessions_of(guarded, headers, 1)
        files = [("files", (f"{n}.jpg", photo(seed + n), "image/jpeg")) for n in range(count)]
        await guarded.http.post(f"/api/sessions/{session_id}/images", files=files, headers=headers)
        session = (await guarded.http.get(f"/api/sessions/{session_id}", headers=headers)).json()
        return [image["thumbnail_url"] for image in session["generated_images"]]

    hers, mine = await links(ada, GREEDY, 0), await links(bob, 1, 200)
    gate, draw = Gate(), thumbnails.of_photo

    def slow(photo: Photo) -> bytes:
        gate.pass_through()
        return draw(photo)

    monkeypatch.setattr(thumbnails, "of_photo", slow)

    async def get(link: str) -> int:
        return (await guarded.http.get(link)).status_code

    arrivals.forget()
    greedy = [asyncio.create_task(get(link)) for link in hers]
    await arrivals.until(GREEDY)
    other = asyncio.create_task(get(mine[0]))
    await arrivals.until(GREEDY, 1)
    assert await place_of_the_other(gate, [*greedy], other) <= 4
    assert other.result() == 200


async def test_music_is_composed_in_turn(guarded: Api, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    store = guarded.services.music._store  # pyright: ignore[reportPrivateUsage] (the one thing that takes long)
    track = store.track

    def slow(*given: object) -> object:
        gate.pass_through()
        return track(*given)  # pyright: ignore[reportArgumentType] (what it was given)

    monkeypatch.setattr(store, "track", slow)
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    assert isinstance(guarded.services.music, MusicPreviews)

    async def hear(headers: dict[str, str]) -> int:
        return (await guarded.http.get("/api/music/upbeat/preview", headers=headers)).status_code

    await asyncio.to_thread(gate.open.release)
    assert await hear(ada) == 200
    arrivals.forget()
    greedy = [asyncio.create_task(hear(ada)) for _ in range(GREEDY)]
    await arrivals.until(GREEDY)
    other = asyncio.create_task(hear(bob))
    await arrivals.until(GREEDY, 1)
    assert await place_of_the_other(gate, [*greedy], other) <= 3
    assert other.result() == 200
