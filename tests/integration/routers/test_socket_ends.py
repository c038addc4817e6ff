"""WebSockets end with the login, the key or the session, also when another API process ended it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, update
from websockets.asyncio.client import ClientConnection, connect

from adreel.db.tables import TokenRow, UserRow
from adreel.domain.accounts.user import IssuedToken
from adreel.domain.ids import utc_now
from adreel.domain.sessions.stage import Stage
from adreel.routers.common.options import AppOptions
from support.api import PASSWORD, Backend, Served, build_backend, served

GUARDED = AppOptions(auth_required=True)
SOON_SECONDS = 20
"""A machine that is busy with other tests may take its time; what does not end at all takes longer."""


@dataclass
class Place:
    """Two API processes on one database, and a session of Ada's."""

    here: Served
    there: Served
    session_id: str
    user_id: str

    @property
    def backend(self) -> Backend:
        return self.here.backend

    async def log_in(self, where: Served) -> str:
        answer = await request(
            where, "POST", "/api/auth/login", json={"email": "ada@example.com", "password": PASSWORD}
        )
        return str(answer.json()["access_token"])

    async def key(self) -> IssuedToken:
        return await self.backend.services.auth.create_api_key(self.user_id, "test")

    async def ticket(self, token: str) -> str:
        answer = await request(self.here, "POST", f"/api/sessions/{self.session_id}/ticket", token)
        return str(answer.json()["ticket"])

    def url(self, ticket: str | None = None) -> str:
        return f"{self.here.ws}/ws/{self.session_id}" + (f"?token={ticket}" if ticket else "")


async def request(where: Served, method: str, path: str, token: str | None = None, **more: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=where.address, headers=headers, trust_env=False, timeout=30) as http:
        answer = await http.request(method, path, **more)  # pyright: ignore[reportArgumentType]
    assert answer.is_success, answer.text
    return answer


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncGenerator[Backend]:
    folder.mkdir()
    backend = build_backend(url, folder)
    await backend.jobs.open()
    try:
        yield backend
    finally:
        await backend.jobs.close()
        await backend.services.storage.close()
        await backend.database.close()


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with (
        opened(database_url, tmp_path / "here") as one,
        opened(database_url, tmp_path / "there") as two,
        served(one, GUARDED) as here,
        served(two, GUARDED) as there,
    ):
        user = await one.services.auth.register("ada@example.com", PASSWORD)
        session = await one.services.sessions.create(user.id)
        yield Place(here, there, session.id, user.id)


async def closed(socket: ClientConnection) -> int | None:
    """The code with which the service has closed it."""
    async with asyncio.timeout(SOON_SECONDS):
        await socket.wait_closed()
    return socket.close_code


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def log_out(place: Place, token: str) -> None:
    await request(place.there, "POST", "/api/auth/logout", token)


async def log_out_here(place: Place, token: str) -> None:
    await request(place.here, "POST", "/api/auth/logout", token)


async def new_password(place: Place, _token: str) -> None:
    await place.there.backend.services.auth.change_password("ada@example.com", "another fine password")


async def expire(place: Place, _token: str) -> None:
    async with place.backend.database.writing() as tx:
        await tx.execute(update(TokenRow).values(expires_at=utc_now() - timedelta(seconds=1)))


async def delete_account(place: Place, _token: str) -> None:
    async with place.backend.database.writing() as tx:
        await tx.execute(delete(UserRow).where(UserRow.id == place.user_id))


@pytest.mark.parametrize("end", [log_out, log_out_here, new_password, expire])
async def test_sockets_of_a_login_end_with_it(place: Place, end: Callable[[Place, str], Awaitable[None]]) -> None:
    token = await place.log_in(place.here)
    ticket = await place.ticket(token)
    key = (await place.key()).token
    async with (
        connect(place.url(), additional_headers=bearer(token)) as by_header,
        connect(place.url(ticket)) as by_ticket,
        connect(place.url(), additional_headers=bearer(key)) as by_key,
    ):
        await place.backend.services.progress.append(place.session_id, Stage.CREATED, 1.0, "before")
        for socket in (by_header, by_ticket, by_key):
            await socket.recv()
        await end(place, token)
        assert await closed(by_header) == 4401
        assert await closed(by_ticket) == 4401
        if end is not expire:
            await place.backend.services.progress.append(place.session_id, Stage.CREATED, 2.0, "after")
            assert "after" in str(await by_key.recv())


async def test_sockets_of_a_key_end_when_it_is_revoked(place: Place) -> None:
    key, other = await place.key(), await place.key()
    async with (
        connect(place.url(), additional_headers=bearer(key.token)) as socket,
        connect(place.url(), additional_headers=bearer(other.token)) as kept,
    ):
        await request(place.there, "DELETE", f"/api/auth/keys/{key.id}", other.token)
        assert await closed(socket) == 4401
        await place.backend.services.progress.append(place.session_id, Stage.CREATED, 1.0, "after")
        assert "after" in str(await kept.recv())


@pytest.mark.parametrize("where", ["here", "there"])
async def test_sockets_end_when_the_session_is_deleted(place: Place, where: str) -> None:
    key = (await place.key()).token
    async with connect(place.url(), additional_headers=bearer(key)) as socket:
        # The handshake is answered before the session is looked up; its first event comes after.
        await place.backend.services.progress.append(place.session_id, Stage.CREATED, 1.0, "before")
        await socket.recv()
        await request(getattr(place, where), "DELETE", f"/api/sessions/{place.session_id}", key)
        assert await closed(socket) == 1000


async def test_sockets_end_when_the_account_is_deleted(place: Place) -> None:
    key = (await place.key()).token
    async with connect(place.url(), additional_headers=bearer(key)) as socket:
        await place.backend.services.progress.append(place.session_id, Stage.CREATED, 1.0, "before")
        await socket.recv()
        await delete_account(place, key)
        assert await closed(socket) in (1000, 4401)


async def test_a_ticket_is_worth_nothing_after_the_logout(place: Place) -> None:
    token = await place.log_in(place.here)
    ticket = await place.ticket(token)
    await log_out(place, token)
    async with connect(place.url(ticket)) as socket:
        assert await closed(socket) == 4401


async def test_the_page_logs_out_of_the_api_by_its_cookie_too(place: Place) -> None:
    token = await place.log_in(place.here)
    own = {"origin": place.here.address, "cookie": f"adreel_session={token}"}
    async with httpx.AsyncClient(base_url=place.here.address, trust_env=False) as http:
        assert (await http.post("/api/auth/logout", headers=own)).status_code == 204
        assert (await http.get("/api/auth/me", headers=own)).status_code == 401
