"""Batches through the API and a worker, on both databases."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from support.catalogue import CatalogueApi, catalogue_api, feed_of, picture, small_aspects

PRICES = {"A": "24.90 EUR", "B": "19.90 EUR", "bad": "ask"}


@pytest.fixture
async def api(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CatalogueApi]:
    small_aspects(monkeypatch)
    url = (
        None
        if getattr(request, "param", "sqlite") == "sqlite"
        else SecretStr(str(request.getfixturevalue("pg_database")))
    )
    async with catalogue_api(tmp_path, database_url=url) as found:
        yield found


@pytest.mark.parametrize("api", ["sqlite", "postgresql"], indirect=True)
async def test_only_what_changed_is_made_again_and_a_deletion_leaves_nothing(api: CatalogueApi) -> None:
    url = api.site.url
    first = await api.begun(feed_of(url, PRICES))
    batch = await api.until(first, "done")
    assert (batch["rows"], batch["errors"], batch["progress"]) == ({"made": 2}, 1, 100.0)
    problems = (await api.http.get(f"/api/batches/{first}/problems")).json()["problems"]
    assert [(each["row"], each["id"], each["field"]) for each in problems] == [(4, "bad", "price")]
    made = await api.films(first)
    assert (await api.http.get(made["A"]["film"]["url"])).content[4:8] == b"ftyp"
    packed = zipfile.ZipFile(io.BytesIO((await api.http.get(f"/api/batches/{first}/films.zip")).content))
    assert sorted(packed.namelist()) == ["films/A.mp4", "films/B.mp4", "manifest.jsonl", "problems.csv"]
    assert packed.testzip() is None
    feed = (await api.http.get(f"/api/batches/{first}/feed")).text.splitlines()
    assert feed[0] == "id,title,price,image_link,video_link,video[0].url"
    assert f"/films/{made['A']['film']['id']}.mp4?expires=" in feed[1]

    second = await api.begun(feed_of(url, {"A": "22.90 EUR", "B": "19.90 EUR"}))
    batch = await api.until(second, "done")
    assert (batch["changes"], batch["rows"]) == ({"changed": 1, "unchanged": 1}, {"made": 1, "unchanged": 1})
    now = await api.films(second)
    assert now["B"]["film"]["id"] == made["B"]["film"]["id"]
    assert now["A"]["film"]["id"] != made["A"]["film"]["id"]
    assert len(api.stored()) == 3

    assert (await api.http.delete(f"/api/batches/{first}")).status_code == 204
    await api.context.deletions.sweep_all()
    assert api.stored() == {f"{now[each]['film']['id']}.mp4" for each in ("A", "B")}
    assert (await api.http.delete(f"/api/batches/{second}")).status_code == 204
    await api.context.deletions.sweep_all()
    assert api.stored() == set()
    assert list((api.data / "storage" / "batches").rglob("*/feed/*")) == []


async def test_a_bad_photo_fails_its_row_and_is_made_when_it_is_retried(api: CatalogueApi) -> None:
    api.shop.photos["/gone.png"] = 404
    batch_id = await api.begun(feed_of(api.site.url, {"A": "9 EUR", "B": "8 EUR"}, {"A": "/gone.png"}))
    batch = await api.until(batch_id, "done")
    assert batch["rows"] == {"failed": 1, "made": 1}
    rows = await api.films(batch_id)
    assert (rows["A"]["field"], rows["A"]["film"]) == ("image", None)
    assert "404" in rows["A"]["error"]
    api.shop.photos["/gone.png"] = picture(7)
    assert (await api.http.post(f"/api/batches/{batch_id}/retry")).status_code == 200
    assert (await api.until(batch_id, "done"))["rows"] == {"made": 2}
    assert (await api.http.get(f"/api/batches/{batch_id}/problems")).json()["problems"] == []
    assert (await api.http.post(f"/api/batches/{batch_id}/retry")).status_code == 409


async def test_samples_come_first_and_a_dry_run_makes_nothing(api: CatalogueApi) -> None:
    prices = {f"P{number}": "5 EUR" for number in range(3)}
    planned = await api.begun(feed_of(api.site.url, prices), dry_run=True, rights_confirmed=False)
    batch = await api.until(planned, "planned")
    assert (batch["changes"], batch["film_seconds"], api.stored()) == ({"new": 3}, 7.5, set())
    assert api.site.asked == []
    assert (await api.http.post(f"/api/batches/{planned}/resume")).status_code == 422
    assert (await api.http.post(f"/api/batches/{planned}/cancel")).json()["state"] == "cancelled"

    batch_id = await api.begun(feed_of(api.site.url, prices), sample_films=1)
    batch = await api.until(batch_id, "paused")
    assert (batch["pause"], batch["rows"]) == ("samples", {"made": 1, "waiting": 2})
    again = await api.begin(feed_of(api.site.url, prices))
    assert (again.status_code, again.json()["type"]) == (409, "urn:adreel:problem:conflict")
    assert (await api.http.post(f"/api/batches/{batch_id}/resume", json={})).status_code == 200
    assert (await api.until(batch_id, "done"))["rows"] == {"made": 3}
    events = [
        json.loads(line) for line in (await api.http.get(f"/api/batches/{batch_id}/manifest.jsonl")).text.splitlines()
    ]
    assert [each["id"] for each in events] == ["P0", "P1", "P2"]
