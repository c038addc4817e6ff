"""Passports of films over the API and on the page, and all films of a session as one file."""

from __future__ import annotations

import io
import json
import zipfile

from support.api import Api
from support.films import film_of
from support.passports import stored_passport


async def test_the_passport_of_a_film_is_read_printed_shown_and_taken_along(api: Api) -> None:
    session_id, clips = await api.with_clips()
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    older = await film_of(api, session_id, clips, 1, "Buy")
    film_id = await film_of(api, session_id, clips, 2, "Buy", "9:16", passport=stored_passport())
    films = {film["id"]: film for film in (await api.http.get(f"/api/sessions/{session_id}")).json()["films"]}
    assert films[older]["passport_url"] is None
    url = films[film_id]["passport_url"]
    passport = (await api.http.get(url)).json()
    assert passport["film"]["file"] == "Morgen 9x16.mp4"
    assert passport["receipt"] == {"currency": "USD", "total": "0.00", "calls": []}
    assert passport["verdict"]["placement"] == "meta-reels"
    printed = await api.http.get(films[film_id]["passport_page_url"])
    assert printed.headers["content-type"] == "text/html; charset=utf-8"
    assert printed.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "Nothing was bought for this film" in printed.text
    page = (await api.http.get(f"/s/{session_id}/result?film={film_id}")).text
    for part in (
        "Meta Reels: not eligible",
        "IS_SYNTHETIC",
        "It is &lt;signed&gt;.",
        "&lt;b&gt;: OFL",
        "seen 2026-11",
        "YouTube bumper",
    ):
        assert part in page, part
    for missing in (f"/api/sessions/{session_id}/films/{older}/passport", url.replace(film_id, "none")):
        assert (await api.http.get(missing)).status_code == 404
    answer = await api.http.get(f"/api/sessions/{session_id}/films.zip")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        beside = {f"9x16/ad{suffix}" for suffix in (".mp4", ".srt", ".vtt", ".passport.json", ".passport.html")}
        assert set(files.namelist()) == {"README.txt", "16x9/ad.mp4", *beside}
        assert files.read("9x16/ad.mp4") == b"film"
        assert json.loads(files.read("9x16/ad.passport.json"))["film"]["file"] == "ad.mp4"


async def test_a_session_without_films_has_nothing_to_download(api: Api) -> None:
    session_id = await api.new_session()
    assert (await api.http.get(f"/api/sessions/{session_id}/films.zip")).status_code == 404
