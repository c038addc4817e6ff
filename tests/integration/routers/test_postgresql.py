"""What a database of many connections could do otherwise than SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.api import Api, build_backend, opened_api, photo
from support.db import counted


@pytest.fixture
async def api(pg_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    backend = build_backend(pg_database, tmp_path)
    await backend.jobs.open()
    async with opened_api(backend) as found:
        yield found
    await backend.jobs.close()
    await backend.database.close()


async def test_twenty_at_once_with_one_key_make_one_session(api: Api) -> None:
    key = {"Idempotency-Key": "key-1"}
    answers = await asyncio.gather(*[api.http.post("/api/sessions/create", headers=key) for _ in range(20)])
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["session_id"] for answer in answers if answer.status_code == 200}) == 1
    assert len((await api.http.get("/api/sessions")).json()["sessions"]) == 1


async def test_the_same_photo_from_several_requests_at_once_is_one_image(api: Api) -> None:
    session_id = await api.new_session()
    answers = await asyncio.gather(*[api.upload(session_id, photo(0), photo(1)) for _ in range(5)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({image["id"] for answer in answers for image in answer.json()["images"]}) == 2
    assert len(list((api.backend.folder / "storage").rglob("*.jpg"))) == 2


async def test_clips_are_started_once_however_often_they_are_asked_for(api: Api) -> None:
    session_id, _ = await api.with_images()
    body = {"session_id": session_id}
    answers = await asyncio.gather(*[api.http.post("/api/generate-clips", json=body) for _ in range(8)])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


@pytest.mark.parametrize("path", ["/api/sessions/a%00b", "/api/sessions?cursor=a%00b", "/ready", "/metrics"])
async def test_nothing_that_is_asked_upsets_it(api: Api, path: str) -> None:
    assert (await api.http.get(path)).status_code in (200, 422)


async def test_a_session_is_read_by_three_queries_at_most(api: Api) -> None:
    session_id, _ = await api.with_clips(3)
    with counted(api.backend.database) as statements:
        assert (await api.http.get(f"/api/sessions/{session_id}")).status_code == 200
    assert len(statements) <= 3, statements
