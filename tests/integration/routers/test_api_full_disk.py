"""What the API says when the machine has no room: 507, which says what to do and nothing of the machine."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.routers.common import uploads
from adreel.services.storage.disk_space import DiskSpace, Room
from support.api import LOCAL_OPTIONS, Api, Backend, opened_api, photo, with_services


@dataclass
class Disk:
    free: int = 10**12

    def __call__(self, _folder: Path) -> Room:
        return Room(self.free, 10**12)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest_asyncio.fixture
async def small(backend: Backend, disk: Disk) -> AsyncIterator[Api]:
    """The API on a disk that a test fills."""
    space = DiskSpace(backend.folder, 0, disk, patience_seconds=0.2)
    async with opened_api(with_services(backend, space=space), LOCAL_OPTIONS) as api:
        yield api


def is_full(answer: Any) -> bool:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    return (answer.status_code, problem["type"]) == (507, "urn:adreel:problem:no-space")


async def test_an_upload_without_room_is_refused_before_it_is_read(small: Api, disk: Disk) -> None:
    session = await small.new_session()
    disk.free = 100
    refused = await small.upload(session, photo(1))
    assert is_full(refused)
    assert str(small.backend.folder) not in refused.text
    disk.free = 10**12
    assert (await small.upload(session, photo(1))).status_code == 200


@pytest.mark.parametrize(
    ("number", "status"),
    [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EROFS, 503), (errno.EMFILE, 503), (errno.EACCES, 500)],
)
async def test_what_ends_in_the_middle_of_an_upload_is_reported_and_leaves_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number), "/srv/adreel/work/x")

    session = await api.new_session()
    with monkeypatch.context() as full:
        full.setattr(uploads, "_copy", refuse)
        answer = await api.upload(session, photo(1))
    assert answer.status_code == status
    assert "/srv/adreel" not in answer.text
    assert (await api.http.get(f"/api/sessions/{session}")).json()["generated_images"] == []
    assert (await api.upload(session, photo(1))).status_code == 200


async def test_a_database_without_room_is_reported_as_that(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError("INSERT", {}, error)

    with monkeypatch.context() as full:
        full.setattr(AsyncSession, "commit", refuse)
        assert is_full(await api.http.post("/api/sessions/create", json={}))
    assert (await api.http.post("/api/sessions/create", json={})).status_code == 200


@pytest.mark.parametrize("lost", ["disk", "jobs", "storage", "database"])
async def test_what_is_lost_is_named(backend: Backend, disk: Disk, lost: str) -> None:
    async def fine() -> None:
        """Passes."""

    space = DiskSpace(backend.folder, 1000, disk)

    async def gone() -> None:
        raise OSError(errno.EIO, "gone")

    checks = dict.fromkeys(("database", "jobs", "storage"), fine) | {"disk": space.probe}
    if lost == "disk":
        disk.free = 10
    else:
        checks[lost] = gone
    async with opened_api(with_services(backend, checks=checks), LOCAL_OPTIONS) as api:
        answer = await api.http.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {name: "failed" if name == lost else "ok" for name in checks}
