"""The endpoint of drafts: a film that begins before it is drawn, errors before and after that, and whose it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from adreel.agents.drafts.draft_films import DraftFilms, DraftOrder, OpenDraft
from adreel.domain.errors import TextError
from adreel.domain.films.color import Color
from adreel.domain.films.film import Transition
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.ports import Shot
from adreel.domain.sessions.session import SessionView
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.flows.film_inputs import FilmInputs
from adreel.orchestrator.previews.session_drafts import SessionDrafts
from adreel.services.storage_service import LocalFiles
from support.api import Api, Backend, log_in, opened_api, with_services

SCRIPT: dict[str, Any] = {
    "version": 1,
    "product": "Morgen Mug",
    "facts": ["Holds 350 ml"],
    "beats": [
        {"name": "hook", "shot": {"photo": 1}, "words": [{"role": "headline", "text": "Morgen Mug"}]},
        {"name": "size", "shot": {"photo": 2}, "words": [{"role": "headline", "text": "Holds 350 ml"}]},
    ],
    "end": {"cta": "Order yours"},
}


class Drawer(DraftFilms):
    """Sends two parts of text for every order, and keeps the orders."""

    def __init__(self) -> None:
        self.orders: list[DraftOrder] = []
        self.fault: TextError | None = None
        self.waits: asyncio.Event | None = None
        self.closed = 0

    async def begin(self, order: DraftOrder, user_id: str = "") -> OpenDraft:
        self.orders.append(order)
        return Sent(self)


class Sent(OpenDraft):
    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer

    async def parts(self) -> AsyncGenerator[bytes]:
        yield b"first "
        if self._drawer.waits is not None:
            await self._drawer.waits.wait()
        if self._drawer.fault is not None:
            raise self._drawer.fault
        yield b"second"

    async def aclose(self) -> None:
        self._drawer.closed += 1


async def grey(_view: SessionView) -> Color:
    return Color(90, 90, 90)


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


def drawing(backend: Backend, drawer: Drawer) -> Backend:
    """The backend whose drafts are those of the drawer."""
    services = backend.services
    files = LocalFiles(services.storage, backend.folder / "cache" / "files")
    inputs = FilmInputs(files, services.photos, lambda _photo: Color(90, 90, 90), ASPECTS)
    drafts = SessionDrafts(services.sessions, inputs, drawer, services.catalogue.videos, grey)
    return with_services(backend, drafts=drafts)


@pytest.fixture
async def api(backend: Backend, drawer: Drawer) -> AsyncIterator[Api]:
    async with opened_api(drawing(backend, drawer)) as found:
        yield found


async def draft(api: Api, session_id: str, **body: Any) -> httpx.Response:
    return await api.http.post(f"/api/sessions/{session_id}/draft", json=body)


def shots(order: DraftOrder) -> list[Shot]:
    return [item for item in order.items if isinstance(item, Shot)]


async def test_a_script_is_drawn_beat_by_beat_before_there_are_clips(api: Api, drawer: Drawer) -> None:
    session_id, _ = await api.with_images(2)
    answer = await draft(api, session_id, script=SCRIPT, aspect="9:16", transition="crossfade")
    assert (answer.status_code, answer.content) == (200, b"first second")
    assert answer.headers["content-type"] == "video/mp4"
    (order,) = drawer.orders
    assert [shot.words[0].text for shot in shots(order)] == ["Morgen Mug", "Holds 350 ml"]
    assert {(shot.size, shot.composed_for) for shot in shots(order)} == {(FrameSize(540, 960), FrameSize(1080, 1920))}
    assert order.spec.transition is Transition.CROSSFADE
    assert order.spec.end_card is not None
    assert (await api.services.sessions.record(session_id)).stage == Stage.IMAGE_SELECTION


async def test_the_stored_script_is_what_a_plain_player_gets(api: Api, drawer: Drawer) -> None:
    session_id, _ = await api.with_images(2)
    assert (await api.http.put(f"/api/sessions/{session_id}/script", json={"script": SCRIPT})).status_code == 200
    answer = await api.http.get(f"/api/sessions/{session_id}/draft", params={"aspect": "1:1"})
    assert answer.content == b"first second"
    assert [shot.size for shot in shots(drawer.orders[0])] == [FrameSize(540, 540)] * 2


async def test_approved_clips_are_drawn_with_the_options_that_are_asked_for(api: Api, drawer: Drawer) -> None:
    session_id, clips = await api.with_clips(2)
    assert (await draft(api, session_id)).json()["type"] == "urn:adreel:problem:stage"
    order = {"session_id": session_id, "approved_clip_ids": clips, "clip_order": clips[::-1]}
    assert (await api.http.post("/api/save-approved-clips", json=order)).status_code == 200
    texts = {"product_name": "Morgen", "cta": "Buy"}
    assert (await draft(api, session_id, text_overlay=texts, audio={"enabled": False})).status_code == 200
    made = drawer.orders[0]
    assert len(shots(made)) == 2
    assert (made.spec.text.product_name, made.spec.audio.genre) == ("Morgen", None)


async def test_what_the_film_refuses_is_refused_before_it_begins(api: Api, drawer: Drawer) -> None:
    session_id, _ = await api.with_images(2)
    claim = {**SCRIPT, "beats": [{**SCRIPT["beats"][0], "words": [{"role": "headline", "text": "The best mug"}]}]}
    for body, said in (
        ({"script": claim}, "best"),
        ({"script": {"version": 1}}, "beats"),
        ({"script": SCRIPT, "aspect": "3:2"}, "aspect"),
        ({"script": SCRIPT, "text_overlay": {"font": "/etc/passwd"}}, "no font is named"),
    ):
        answer = await draft(api, session_id, **body)
        assert answer.status_code == 422, body
        assert said in answer.text
    assert drawer.orders == []


async def test_a_fault_on_the_way_ends_the_stream_with_the_problem(api: Api, drawer: Drawer) -> None:
    session_id, _ = await api.with_images(2)
    drawer.fault = TextError("the product leaves no room for the words 'Morgen Mug'; shorten them")
    answer = await draft(api, session_id, script=SCRIPT)
    assert answer.status_code == 200
    assert answer.content.startswith(b"first ")
    assert b"emsg" in answer.content
    problem = json.loads(answer.content[answer.content.index(b"{") :])
    assert (problem["status"], problem["type"]) == (422, "urn:adreel:problem:input")
    assert "leaves no room" in problem["detail"]


async def test_drafts_of_a_user_are_few_and_end_with_their_connection(api: Api, drawer: Drawer) -> None:
    session_id, _ = await api.with_images(2)
    drawer.waits = asyncio.Event()
    open_drafts = [asyncio.create_task(draft(api, session_id, script=SCRIPT)) for _ in range(3)]
    while len(drawer.orders) < 3:  # noqa: ASYNC110 (the orders are a list)
        await asyncio.sleep(0.01)
    answer = await draft(api, session_id, script=SCRIPT)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    for each in open_drafts:
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    assert drawer.closed == 3
    drawer.waits.set()
    assert (await draft(api, session_id, script=SCRIPT)).status_code == 200


async def test_a_draft_is_of_ones_own_session(backend: Backend, drawer: Drawer, guarded: Api) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    session = await guarded.http.post("/api/sessions/create", json={}, headers=ada)
    path = f"/api/sessions/{session.json()['id']}/draft"
    assert (await guarded.http.get(path)).status_code == 401
    for answer in (
        await guarded.http.get(path, headers=bob),
        await guarded.http.post(path, json={"script": SCRIPT}, headers=bob),
    ):
        assert answer.status_code == 404
    assert drawer.orders == []
