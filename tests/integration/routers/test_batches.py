"""The API of batches without a worker: what it refuses, shows and keeps apart."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from adreel.domain.accounts.limits import AccountLimits
from adreel.domain.catalogues.batch import BatchLimits, PlannedRow, RowChange
from adreel.domain.errors import BudgetError, StorageError
from adreel.services.catalogues.plans import BatchPlans
from adreel.services.catalogues.work import BatchWork
from support.api import Api, Backend, build_backend, log_in, opened_api, served
from support.catalogue import ORDER, TEMPLATE, feed_of

FEED = feed_of("https://shop.example", {"A": "24.90 EUR", "B": "ask"})


async def begin(
    api: Api, feed: bytes = FEED, headers: dict[str, str] | None = None, path: str = "", **changes: Any
) -> httpx.Response:
    order = {**(ORDER if not path else {"template": TEMPLATE}), **changes}
    files = {"feed": ("feed.csv", feed, "text/csv")}
    return await api.http.post(f"/api/batches{path}", data={"order": json.dumps(order)}, files=files, headers=headers)


async def test_a_preview_shows_columns_products_and_problems(api: Api) -> None:
    found = (await begin(api, path="/preview")).json()
    assert (found["columns"], found["missing"], found["is_whole"]) == (["id", "title", "price", "image_link"], [], True)
    assert found["mapping"]["image"] == "image_link"
    assert [(each["id"], each["price"]) for each in found["products"]] == [("A", "24.90"), ("B", None)]
    assert [(each["row"], each["field"]) for each in found["problems"]] == [(3, "price")]

    german = FEED.replace(b"title", b"Bezeichnung")
    found = (await begin(api, german, path="/preview")).json()
    assert (found["missing"], found["products"]) == (["title"], [])
    found = (await begin(api, german, path="/preview", columns={"title": "Bezeichnung"})).json()
    assert found["products"][0]["title"] == "Mug A"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"rights_confirmed": False}, 422, "confirm that you may use them"),
        ({"recipe": "auto"}, 422, "either a template or a recipe"),
        ({"template": "beats = 1"}, 422, "lacks the field 'version'"),
        ({"placements": ["nowhere"]}, 422, "no placement is called 'nowhere'"),
        ({"where": ["price"]}, 422, "is no condition"),
        ({"columns": {"nothing": "x"}}, 422, "no field 'nothing'"),
        ({"film": {"text_overlay": {"font": "/etc/passwd"}}}, 422, "no font is named"),
        ({"film": {"voice": "/etc/passwd"}}, 422, "the voice '/etc/passwd' is not known"),
        ({"template": f"{TEMPLATE}recording = '/etc/passwd'\n"}, 422, "names no recordings"),
        ({"sample_films": 99}, 422, "sample_films"),
        ({"catalogue": " "}, 422, "catalogue"),
        ({"url": "https://shop.example/feed"}, 422, "either the feed's url or the feed itself"),
    ],
)
async def test_what_no_batch_can_have_is_refused_at_once(
    api: Api, changes: dict[str, Any], status: int, words: str
) -> None:
    answer = await begin(api, **changes)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert (await api.http.get("/api/batches")).json()["batches"] == []
    assert not [path for path in (api.backend.folder / "storage").rglob("*") if path.is_file()]


async def test_a_feed_is_a_feed_and_no_file_of_the_service(api: Api) -> None:
    order = {**ORDER, "url": "file:///etc/passwd"}
    assert (await api.http.post("/api/batches", json=order)).status_code == 422
    assert (await begin(api, b"")).status_code == 422
    assert (await begin(api, b"", path="/preview")).status_code == 422
    for url in ("https://[shop.example/feed", "https://[::1/products.json", "https://shop.example:x/feed"):
        answer = await api.http.post("/api/batches/preview", json={"template": TEMPLATE, "url": url})
        assert answer.status_code in (422, 502), url
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await begin(api, b"one,two\n1,2\n")).json()["detail"].startswith("the feed has no column for id, title")


async def test_a_feed_beyond_a_limit_is_refused_with_the_limit(backend: Backend) -> None:
    commands = backend.services.catalogues.commands
    object.__setattr__(commands.feeds, "limits", BatchLimits(feed_bytes=1024 * 1024, dollars=Decimal(1)))
    async with opened_api(backend) as api:
        answer = await begin(api, FEED + b"\n" * 1024 * 1024)
    body = answer.json()
    assert (answer.status_code, body["limit"], body["allowed"]) == (409, "batch_mb", "1")


async def test_a_repeated_post_begins_one_batch(api: Api) -> None:
    key = {"Idempotency-Key": "begin-0001-of-the-shop"}
    first, again = [await begin(api, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert [each["id"] for each in (await api.http.get("/api/batches")).json()["batches"]] == [first.json()["id"]]
    assert (await begin(api, FEED + b"\n", headers=key)).json()["type"] == "urn:adreel:problem:conflict"
    await api.http.post(f"/api/batches/{first.json()['id']}/cancel")
    await api.http.delete(f"/api/batches/{first.json()['id']}")
    fresh = await begin(api, headers=key)
    assert fresh.json()["id"] != first.json()["id"], "the answer went with its batch"
    refused = await begin(api, headers={"Idempotency-Key": "begin-0002-of-the-shop"})
    assert refused.status_code == 409
    assert len({path.parts[-3] for path in (api.backend.folder / "storage").rglob("feed/1")}) <= 2


async def test_a_failed_batch_does_not_go_on_beside_another(api: Api) -> None:
    first = (await begin(api)).json()["id"]
    await BatchPlans(api.backend.database, api.backend.services.catalogues.events.wakeups).fail(first, "a fault")
    second = (await begin(api)).json()["id"]
    answer = await api.http.post(f"/api/batches/{first}/resume")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:adreel:problem:conflict")
    await api.http.post(f"/api/batches/{second}/cancel")
    assert (await api.http.post(f"/api/batches/{first}/resume")).status_code == 200


async def test_a_plan_does_not_keep_a_film_that_was_deleted_meanwhile(api: Api) -> None:
    batch_id = (await begin(api)).json()["id"]
    plans = BatchPlans(api.backend.database, api.services.catalogues.events.wakeups)
    row = PlannedRow(0, 2, "A", "Mug", "", RowChange.UNCHANGED, "hash", 1.0, None, (), "deleted")
    with pytest.raises(StorageError, match="were deleted"):
        await plans.put(batch_id, 0, [row], [])
    assert (await api.http.get(f"/api/batches/{batch_id}")).json()["rows"] == {}


async def test_films_that_are_being_made_count_against_the_account(guarded: Api) -> None:
    ada = await log_in(guarded, "ada")
    ids = [(await begin(guarded, headers=ada, catalogue=name)).json()["id"] for name in ("one", "two")]
    database, wakeups = guarded.backend.database, guarded.services.catalogues.events.wakeups
    plans = BatchPlans(database, wakeups)
    work = BatchWork(database, wakeups, limits=AccountLimits(budget=Decimal("1.50")))
    for batch_id in ids:
        row = PlannedRow(0, 2, "A", "Mug", "", RowChange.NEW, "hash", 1.0, {}, (), f"film-{batch_id}"[:64])
        assert await plans.put(batch_id, 0, [row], [])
        await plans.finish(batch_id, 1, 1.0, is_whole=True)
        await work.give_out(batch_id, 1, 4, frozenset())
    taken = await work.take(ids[0], 0, f"{ids[0]}:1:row:0", Decimal(1), None)
    assert taken is not None
    with pytest.raises(BudgetError):
        await work.take(ids[1], 0, f"{ids[1]}:1:row:0", Decimal(1), None)


async def test_batches_are_their_users(guarded: Api) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    batch_id = (await begin(guarded, headers=ada)).json()["id"]
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("POST", "/ticket"),
        ("GET", "/rows"),
        ("GET", "/problems"),
        ("GET", "/films.zip"),
        ("GET", "/feed"),
        ("GET", "/manifest.jsonl"),
        ("GET", "/problems.csv"),
    ):
        answer = await guarded.http.request(method, f"/api/batches/{batch_id}{path}", headers=bob)
        assert answer.status_code == 404, (method, path)
    assert (await guarded.http.get("/api/batches", headers=bob)).json()["batches"] == []
    assert (await guarded.http.get(f"/api/batches/{batch_id}", headers=ada)).json()["state"] == "planning"
    user_id = (await guarded.services.catalogues.batches.record(batch_id) or pytest.fail("no batch")).user_id
    exported = await guarded.services.account.facts(user_id)
    assert [each["id"] for each in exported["catalogues"]["batches"]] == [batch_id]
    assert await guarded.services.account.delete(user_id) == (batch_id,)
    assert await guarded.services.catalogues.batches.record(batch_id) is None


async def test_only_what_is_possible_is_done(api: Api) -> None:
    batch_id = (await begin(api)).json()["id"]
    assert (await begin(api)).json()["type"] == "urn:adreel:problem:conflict"
    other = await begin(api, catalogue="another")
    assert other.status_code == 202
    for action in ("pause", "resume", "retry"):
        answer = await api.http.post(f"/api/batches/{batch_id}/{action}")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:adreel:problem:stage"), action
    assert (await api.http.delete(f"/api/batches/{batch_id}")).status_code == 409
    assert (await api.http.get(f"/api/batches/{batch_id}/feed")).status_code == 409
    assert (await api.http.post(f"/api/batches/{batch_id}/cancel")).json()["state"] == "cancelled"
    assert (await api.http.post(f"/api/batches/{batch_id}/cancel")).status_code == 409
    assert (await api.http.delete(f"/api/batches/{batch_id}")).status_code == 204
    assert (await api.http.get(f"/api/batches/{batch_id}")).status_code == 404
    page = (await api.http.get("/api/batches?limit=1")).json()
    assert ([each["id"] for each in page["batches"]], page["next_cursor"]) == ([other.json()["id"]], None)


async def test_a_listener_gets_the_batch_as_it_stands_after_each_change(tmp_path: Any, sqlite_database: str) -> None:
    backend = build_backend(sqlite_database, tmp_path)
    await backend.jobs.open()
    async with served(backend) as service, httpx.AsyncClient(base_url=service.address) as http:
        files = {"feed": ("feed.csv", FEED, "text/csv")}
        made = await http.post("/api/batches", data={"order": json.dumps(ORDER)}, files=files)
        batch_id = made.json()["id"]
        async with connect(f"{service.ws}/ws/batches/{batch_id}") as socket:
            first = json.loads(await socket.recv())
            assert (first["type"], first["seq"], first["batch"]["state"]) == ("batch", 1, "planning")
            await http.post(f"/api/batches/{batch_id}/cancel")
            second = json.loads(await asyncio.wait_for(socket.recv(), 20))
            assert (second["seq"], second["batch"]["state"]) == (2, "cancelled")
        async with connect(f"{service.ws}/ws/batches/{batch_id}?after=1") as socket:
            assert json.loads(await asyncio.wait_for(socket.recv(), 20))["seq"] == 2
            await http.delete(f"/api/batches/{batch_id}")
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1000
        async with connect(f"{service.ws}/ws/batches/{batch_id}") as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4404
    await backend.jobs.close()
    await backend.database.close()
