"""A key across a crash: the process dies before or after the transaction of the work, at every route that takes a key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.domain.errors import StorageError
from adreel.domain.ids import utc_now
from adreel.domain.sessions.session import SessionEvent
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.services.accounts.idempotency import Claim, IdempotencyService, KeptAnswer
from adreel.services.events.log import ProgressService
from adreel.services.receipts import Receipt
from support.api import Api, Backend, build_backend, opened_api, photo, with_services
from support.catalogue import ORDER, feed_of

KEY = {"Idempotency-Key": "key-1"}


class Death(BaseException):
    """The process is gone: nothing that it would have tidied up is tidied up."""


class Dying(IdempotencyService):
    """Dies with the transaction that does the work: just before it is committed, or just after."""

    before_commit = False

    def receipt(self, claim: Claim, answer: Callable[[Any], KeptAnswer]) -> Receipt[Any]:
        keep = super().receipt(claim, answer)

        async def kept(transaction: AsyncSession, done: Any) -> None:
            await keep(transaction, done)
            if self.before_commit:
                raise Death
            event.listen(transaction.sync_session, "after_commit", _die, once=True)

        return kept

    async def release(self, claim: Claim) -> None:
        raise Death


class DyingEarly(Dying):
    before_commit = True


def _die(_session: object) -> None:
    raise Death


@dataclass(frozen=True)
class Sending:
    """A request, the same in another way, and how often its effect is there."""

    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    effects: Callable[[Api], Awaitable[int]]
    files: bool = False
    status: int = 200

    async def send(self, api: Api, body: dict[str, Any] | None = None) -> httpx.Response:
        given = body or self.body
        if self.files:
            files = [("files", ("a.jpg", photo(given["seed"]), "image/jpeg"))]
            return await api.http.post(self.path, files=files, headers=KEY)
        return await api.http.post(self.path, json=given, headers=KEY)


@dataclass(frozen=True)
class SendingFeed(Sending):
    """A request for the films of a feed, which is a form."""

    async def send(self, api: Api, body: dict[str, Any] | None = None) -> httpx.Response:
        files = {"feed": ("feed.csv", (body or self.body)["feed"], "text/csv")}
        return await api.http.post(self.path, data={"order": json.dumps(ORDER)}, files=files, headers=KEY)


async def creating(_api: Api) -> Sending:
    async def sessions(api: Api) -> int:
        return len((await api.http.get("/api/sessions")).json()["sessions"])

    return Sending("/api/sessions/create", {"product_prompt": "a mug"}, {"product_prompt": "a cup"}, sessions)


def jobs_in(session_id: str) -> Callable[[Api], Awaitable[int]]:
    """Jobs that are under way or were accepted: a job is announced when it is handed over, which a crash may prevent."""

    async def jobs(api: Api) -> int:
        session = await api.services.sessions.record(session_id)
        events = await api.services.progress.replay(session_id, 0)
        accepted = {entry.data["job"] for entry in events if entry.message.startswith("Accepted")}
        return len(accepted | ({session.job.id} if session.job else set()))

    return jobs


def assets_in(session_id: str) -> Callable[[Api], Awaitable[int]]:
    async def assets(api: Api) -> int:
        return len((await api.services.sessions.view(session_id)).assets)

    return assets


def approved_in(session_id: str, what: str) -> Callable[[Api], Awaitable[int]]:
    async def is_there(api: Api) -> int:
        return int(bool(getattr(await api.services.sessions.record(session_id), f"approved_{what}_ids")))

    return is_there


async def uploading(api: Api) -> Sending:
    session_id = await api.new_session()
    return Sending(f"/api/sessions/{session_id}/images", {"seed": 1}, {"seed": 2}, assets_in(session_id), files=True)


async def using_an_example(api: Api) -> Sending:
    session_id = await api.new_session()
    examples = (await api.http.get("/api/examples")).json()
    one, other = [each for each in examples if len(each["photos"]) >= 1][:2]
    counted = assets_in(session_id)

    async def once_each(given: Api) -> int:
        return await counted(given) // len(one["photos"])

    return Sending(f"/api/sessions/{session_id}/examples", {"name": one["name"]}, {"name": other["name"]}, once_each)


async def approving_images(api: Api) -> Sending:
    session_id = await api.new_session()
    ids = [image["id"] for image in (await api.upload(session_id, photo(1), photo(2))).json()["images"]]
    body = {"session_id": session_id, "approved_image_ids": ids}
    other = {**body, "approved_image_ids": ids[:1]}
    return Sending("/api/save-approved-images", body, other, approved_in(session_id, "image"))


async def generating_images(api: Api) -> Sending:
    session_id = await api.new_session(product_prompt="a mug")
    body = {"session_id": session_id, "count": 2}
    return Sending("/api/generate-images", body, {**body, "count": 3}, jobs_in(session_id))


async def generating_clips(api: Api) -> Sending:
    session_id, _ = await api.with_images()
    body = {"session_id": session_id, "video_prompt": "calm"}
    return Sending("/api/generate-clips", body, {**body, "video_prompt": "wild"}, jobs_in(session_id))


async def retaking(api: Api) -> Sending:
    session_id, clips = await api.with_clips(1)
    # There is nothing else to say in its body.
    return Sending(f"/api/clips/{clips[0]}/regenerate", {}, {}, jobs_in(session_id))


async def approving_clips(api: Api) -> Sending:
    session_id, clips = await api.with_clips()
    body = {"session_id": session_id, "approved_clip_ids": clips}
    other = {**body, "approved_clip_ids": clips[:1]}
    return Sending("/api/save-approved-clips", body, other, approved_in(session_id, "clip"))


async def writing_a_script(api: Api) -> Sending:
    session_id, _ = await api.with_images()
    body = {"session_id": session_id, "product": "Mug", "facts": ["Holds 350 ml"]}
    return Sending("/api/generate-script", body, {**body, "product": "Cup"}, jobs_in(session_id))


async def composing(api: Api) -> Sending:
    session_id, clips = await api.with_clips()
    approved = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=approved)).status_code == 200
    body = {"session_id": session_id, "text_overlay": {"cta": "Order"}}
    return Sending("/api/compose-final-video", body, {**body, "text_overlay": {"cta": "Buy"}}, jobs_in(session_id))


async def cancelling(api: Api) -> Sending:
    session_id, _ = await api.with_images()
    await api.http.post("/api/generate-clips", json={"session_id": session_id})

    async def cancelled(given: Api) -> int:
        events = await given.services.progress.replay(session_id, 0)
        return sum(entry.message == "Cancelled" for entry in events)

    return Sending(f"/api/sessions/{session_id}/cancel", {}, {}, cancelled)


async def beginning_a_batch(_api: Api) -> Sending:
    async def batches(api: Api) -> int:
        return len((await api.http.get("/api/batches")).json()["batches"])

    one, other = [feed_of("https://shop.example", {name: "9 EUR"}) for name in "AB"]
    return SendingFeed("/api/batches", {"feed": one}, {"feed": other}, batches, status=202)


CASES = {
    "/api/batches": beginning_a_batch,
    "/api/sessions/create": creating,
    "/api/sessions/{session_id}/images": uploading,
    "/api/sessions/{session_id}/examples": using_an_example,
    "/api/save-approved-images": approving_images,
    "/api/generate-images": generating_images,
    "/api/generate-clips": generating_clips,
    "/api/generate-script": writing_a_script,
    "/api/clips/{clip_id}/regenerate": retaking,
    "/api/save-approved-clips": approving_clips,
    "/api/compose-final-video": composing,
    "/api/sessions/{session_id}/cancel": cancelling,
}
# What the databases do differently is in the transaction of the key: a few routes show it.
_ALSO_ON_POSTGRESQL = (creating, uploading, generating_clips)
every_route = pytest.mark.parametrize(
    ("database_url", "preparing"),
    [
        *(pytest.param("sqlite", preparing, id=f"sqlite-{path}") for path, preparing in CASES.items()),
        *(pytest.param("postgresql", each, id=f"postgresql-{each.__name__}") for each in _ALSO_ON_POSTGRESQL),
    ],
    indirect=["database_url"],
)


def takes_keys(app: FastAPI) -> set[str]:
    """The paths that read an Idempotency-Key."""
    documented = app.openapi()["paths"]
    return {
        path
        for path, methods in documented.items()
        for method in methods.values()
        if any(each["name"].lower() == "idempotency-key" for each in method.get("parameters", []))
    }


@pytest.fixture
async def backend(database_url: str, tmp_path: Path) -> AsyncIterator[Backend]:
    """On both databases; pictures can be bought, by name."""
    built = build_backend(database_url, tmp_path, hosted=True)
    await built.jobs.open()
    yield built
    await built.jobs.close()
    await built.database.close()


def dying(backend: Backend, kind: type[Dying]) -> Backend:
    return with_services(backend, idempotency=kind(backend.database))


async def killed(backend: Backend, request: Sending, kind: type[Dying]) -> None:
    async with opened_api(dying(backend, kind)) as doomed:
        with pytest.raises(Death):
            await request.send(doomed)


def test_every_route_that_takes_a_key_is_tried_here(api: Api) -> None:
    assert takes_keys(api.app) == set(CASES)


@every_route
async def test_killed_after_the_work_the_same_key_gives_its_answer(
    backend: Backend, preparing: Callable[[Api], Awaitable[Sending]]
) -> None:
    async with opened_api(backend) as api:
        request = await preparing(api)
        before = await request.effects(api)
        await killed(backend, request, Dying)
        assert await request.effects(api) == before + 1
        again = await request.send(api)
        assert again.status_code == request.status, again.text
        assert again.headers["idempotent-replayed"] == "true"
        third = await request.send(api)
        assert third.json() == again.json()
        assert await request.effects(api) == before + 1
        if request.other != request.body:
            refused = await request.send(api, request.other)
            assert (refused.status_code, "Idempotency-Key" in refused.json()["detail"]) == (409, True)


@every_route
async def test_killed_before_the_work_is_committed_the_same_key_does_it_once(
    backend: Backend, preparing: Callable[[Api], Awaitable[Sending]]
) -> None:
    async with opened_api(backend) as api:
        request = await preparing(api)
        before = await request.effects(api)
        await killed(backend, request, DyingEarly)
        assert await request.effects(api) == before
        waiting = await request.send(api)
        assert (waiting.status_code, waiting.headers["retry-after"]) == (409, "2")

    def later() -> datetime:
        return utc_now() + timedelta(seconds=61)

    async with opened_api(with_services(backend, idempotency=IdempotencyService(backend.database, later))) as api:
        done = await request.send(api)
        assert done.status_code == request.status, done.text
        assert "idempotent-replayed" not in done.headers
        assert (await request.send(api)).json() == done.json()
        assert await request.effects(api) == before + 1


async def test_the_answer_outlives_the_job(backend: Backend) -> None:
    async with opened_api(backend) as api:
        request = await retaking(api)
        await killed(backend, request, Dying)
        started = (await request.send(api)).json()
        await api.services.sessions.finish(started["job_id"])
        again = await request.send(api)
        assert again.json() == started
        assert again.headers["idempotent-replayed"] == "true"
        # Nothing is under way, and nothing was begun anew.
        assert await request.effects(api) == 0


async def test_a_job_that_was_begun_is_answered_for_even_when_something_fails_afterwards(backend: Backend) -> None:
    class Failing(IdempotencyService):
        def receipt(self, claim: Claim, answer: Callable[[Any], KeptAnswer]) -> Receipt[Any]:
            keep = super().receipt(claim, answer)

            async def kept(transaction: AsyncSession, done: Any) -> None:
                await keep(transaction, done)
                event.listen(transaction.sync_session, "after_commit", _fail, once=True)

            return kept

    def _fail(_session: object) -> None:
        raise StorageError("the line went dead after the commit")

    async with opened_api(backend) as api:
        request = await generating_clips(api)
        async with opened_api(with_services(backend, idempotency=Failing(backend.database))) as failing:
            first = await request.send(failing)
        assert first.status_code == 200
        assert (await request.send(api)).json() == first.json()
        assert await request.effects(api) == 1


async def cut_off(api: Api, request: Sending, reached: asyncio.Event) -> None:
    """What SIGTERM does to a request at the end of its grace: its task is cancelled."""
    sending = asyncio.create_task(request.send(api))
    await asyncio.wait_for(reached.wait(), 60)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


@pytest.mark.parametrize("preparing", [generating_clips, retaking, uploading])
async def test_cancelled_within_the_work_nothing_is_done_and_the_key_is_free(
    backend: Backend, preparing: Callable[[Api], Awaitable[Sending]]
) -> None:
    reached = asyncio.Event()

    class Held(IdempotencyService):
        def receipt(self, claim: Claim, answer: Callable[[Any], KeptAnswer]) -> Receipt[Any]:
            keep = super().receipt(claim, answer)

            async def kept(transaction: AsyncSession, done: Any) -> None:
                await keep(transaction, done)
                reached.set()
                await asyncio.Event().wait()

            return kept

    async with opened_api(backend) as api:
        request = await preparing(api)
        before = await request.effects(api)
        async with opened_api(with_services(backend, idempotency=Held(backend.database))) as stopped:
            await cut_off(stopped, request, reached)
        assert await request.effects(api) == before
        done = await request.send(api)
        assert done.status_code == 200
        assert "idempotent-replayed" not in done.headers
        assert await request.effects(api) == before + 1


async def test_cancelled_after_the_work_the_same_key_gives_its_answer(backend: Backend) -> None:
    reached = asyncio.Event()

    class Stuck(ProgressService):
        """The job is begun, and its handing over takes for ever."""

        async def append(self, *given: Any, **more: Any) -> SessionEvent:
            reached.set()
            await asyncio.Event().wait()
            return await super().append(*given, **more)

    services = backend.services
    stuck = VideoGenerationOrchestrator(
        services.sessions,
        services.ledger,
        Stuck(backend.database, backend.hub),
        backend.jobs,
        services.catalogue.videos,
    )
    async with opened_api(backend) as api:
        request = await generating_clips(api)
        async with opened_api(with_services(backend, orchestrator=stuck)) as stopped:
            await cut_off(stopped, request, reached)
        again = await request.send(api)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
        assert await request.effects(api) == 1


async def test_who_slept_through_a_takeover_does_the_work_no_second_time(backend: Backend) -> None:
    woken, asleep = asyncio.Event(), asyncio.Event()

    class Sleeping(IdempotencyService):
        async def claim(self, user_id: str, path: str, key: str, request_hash: str) -> Claim | KeptAnswer:
            claim = await super().claim(user_id, path, key, request_hash)
            asleep.set()
            await woken.wait()
            return claim

    def later() -> datetime:
        return utc_now() + timedelta(seconds=61)

    async with opened_api(with_services(backend, idempotency=Sleeping(backend.database))) as sleeper:
        request = await creating(sleeper)
        first = asyncio.create_task(request.send(sleeper))
        await asleep.wait()
        heirs = with_services(backend, idempotency=IdempotencyService(backend.database, later))
        async with opened_api(heirs) as heir:
            second = await request.send(heir)
            woken.set()
            assert (await first).json() == second.json()
            assert await request.effects(heir) == 1


async def test_two_processes_with_one_key_do_it_once(backend: Backend, database_url: str, tmp_path: Path) -> None:
    other = build_backend(database_url, tmp_path, hosted=True)
    await other.jobs.open()
    async with opened_api(backend) as here, opened_api(other) as there:
        request = await generating_clips(here)
        answers = await asyncio.gather(*[request.send(api) for api in (here, there) for _ in range(8)])
        good = [answer for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert len({answer.json()["job_id"] for answer in good}) == 1
        assert await request.effects(here) == 1
    await other.jobs.close()
    await other.database.close()
