"""The pages of catalogues."""

from __future__ import annotations

import json

from support.api import Api
from support.catalogue import ORDER, feed_of

FEED = feed_of("https://shop.example", {"A": "24.90 EUR"})


async def test_a_batch_is_begun_on_one_page_and_followed_on_another(api: Api) -> None:
    page = (await api.http.get("/catalogue")).text
    assert 'aria-current="page">Catalogue</a>' in page
    assert 'data-column="title" required' in page
    assert "None yet." in page
    order = json.dumps({**ORDER, "catalogue": "<mugs>"})
    made = await api.http.post("/api/batches", data={"order": order}, files={"feed": ("feed.csv", FEED)})
    batch_id = made.json()["id"]
    page = (await api.http.get("/catalogue")).text
    assert f'href="/catalogue/{batch_id}"><strong>&lt;mugs&gt;</strong>' in page
    page = (await api.http.get(f"/catalogue/{batch_id}")).text
    assert "<h1>&lt;mugs&gt;</h1>" in page
    assert 'data-state="planning">Reading the feed' in page
    assert 'data-do="cancel"' in page
    assert 'data-do="pause"' not in page
    await api.http.post(f"/api/batches/{batch_id}/cancel")
    page = (await api.http.get(f"/catalogue/{batch_id}")).text
    assert "data-delete" in page
    assert 'data-do="cancel"' not in page
    assert (await api.http.get("/catalogue/nothing")).status_code == 404
