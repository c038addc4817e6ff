"""``GET /api/jobs/{id}``, and the events of jobs with types and signed links."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from adreel.domain.sessions.session import SessionRecord
from adreel.domain.sessions.stage import Action, Stage
from adreel.orchestrator.flows.progress import Endings, Reporter, clip_data
from support.api import LOCAL_OPTIONS, Api, Backend, clip_of, opened_api, served


async def read(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next events."""
    async with asyncio.timeout(30):
        return [json.loads(await socket.recv()) for _ in range(count)]


async def begun(api: Api) -> tuple[str, SessionRecord]:
    session_id, _ = await api.with_images(1)
    user = await api.services.auth.local_user()
    return session_id, await api.services.sessions.begin(user.id, session_id, Action.GENERATE_CLIPS, "job-1", {})


async def test_a_job_can_be_read_while_it_runs_and_afterwards(api: Api) -> None:
    session_id, _ = await begun(api)
    reporter = Reporter(api.services.progress, api.services.sessions)
    data = {"job": "job-1", "clip_index": 0, "clip_fraction": 0.5}
    await api.services.progress.append(session_id, Stage.CLIP_GENERATION, 72.5, "Halfway", data)
    job = (await api.http.get("/api/jobs/job-1")).json()
    assert (job["id"], job["session_id"], job["action"]) == ("job-1", session_id, "generate clips")
    assert (job["state"], job["progress"], job["message"], job["ended_at"]) == ("running", 50.0, "Halfway", None)
    clip = await api.backend.asset(session_id, clip_of(session_id, None, 0), b"clip")
    await Endings(api.services.sessions, reporter).clips_ready(session_id, "job-1", [clip.id], ["clip 2: refused"])
    job = (await api.http.get("/api/jobs/job-1")).json()
    assert (job["state"], job["progress"], job["failures"]) == ("completed", 100.0, ["clip 2: refused"])
    assert [made["id"] for made in job["clips"]] == [clip.id]
    assert job["images"] == job["films"] == []
    assert job["ended_at"] >= job["started_at"]
    assert (await api.http.get(job["clips"][0]["url"])).content == b"clip"


async def test_a_job_that_fails_or_is_cancelled_keeps_how_far_it_was(api: Api) -> None:
    session_id, _ = await begun(api)
    endings = Endings(api.services.sessions, Reporter(api.services.progress, api.services.sessions))
    await api.services.progress.append(session_id, Stage.CLIP_GENERATION, 72.5, "Halfway", {"job": "job-1"})
    await endings.failed(session_id, "job-1", "the provider is away")
    job = (await api.http.get("/api/jobs/job-1")).json()
    assert (job["state"], job["progress"], job["error"]) == ("failed", 50.0, "the provider is away")
    user = await api.services.auth.local_user()
    await api.services.sessions.begin(user.id, session_id, Action.GENERATE_CLIPS, "job-2", {})
    await endings.cancelled(session_id, "job-2")
    job = (await api.http.get("/api/jobs/job-2")).json()
    assert (job["state"], job["progress"], job["error"]) == ("cancelled", 0.0, None)


async def test_there_is_no_job_of_that_id_or_it_is_another_users(api: Api) -> None:
    await begun(api)
    other = await api.services.auth.register("bob@example.com", "correct horse battery")
    theirs = await api.services.sessions.create(other.id)
    await api.services.sessions.add_images(other.id, theirs.id, [])
    assert (await api.http.get("/api/jobs/none")).status_code == 404
    assert (await api.http.get("/api/jobs/job-1")).status_code == 200


async def test_events_have_types_and_files_in_them_signed_links(backend: Backend) -> None:
    async with opened_api(backend) as api:
        session_id, session = await begun(api)
        assert session.job is not None
        clip = await backend.asset(session_id, clip_of(session_id, None, 0), b"clip")
        reporter = Reporter(backend.services.progress, backend.services.sessions)
        await reporter.accepted(session, session.job)
        data = {"job": "job-1", "clip": clip_data(clip)}
        await backend.services.progress.append(session_id, Stage.CLIP_GENERATION, 90.0, "Clip 1 is ready", data)
        await Endings(backend.services.sessions, reporter).clips_ready(session_id, "job-1", [clip.id], [])
    async with served(backend, LOCAL_OPTIONS) as server, connect(f"{server.ws}/ws/{session_id}") as socket:
        events = await read(socket, 3)
        file = await http_get(server.address, events[1]["data"]["clip"]["url"])
    assert [event["type"] for event in events] == ["job.accepted", "clip.ready", "job.completed"]
    assert [event["job_progress"] for event in events] == [0.0, 100.0, 100.0]
    assert {event["job_id"] for event in events} == {"job-1"}
    assert file == b"clip"
    made = events[1]["data"]["clip"]
    assert (made["id"], made["cost"], "storage_key" in made) == (clip.id, "0.00", False)
    assert events[2]["data"]["clips"][0]["url"].startswith(f"/media/sessions/{session_id}/clips/")


async def http_get(base: str, path: str) -> bytes:
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        answer: Any = await http.get(path)
    return bytes(answer.content)
