"""The script of a session over HTTP: written, read, changed, copied, exported, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adreel.domain.ad import Ad
from adreel.domain.scripts.ad_format.reading import parse_ad, read_ad
from adreel.domain.sessions.jobs import EventType, event_type
from adreel.services.accounts.account_data import AccountService
from support.api import Api, build_backend, log_in, opened_api

FACTS: dict[str, Any] = {
    "product": "Morgen Mug",
    "facts": ["Hand-glazed stoneware", "Holds 350 ml"],
    "offer": {"price": "24.90", "was": "34.90", "currency": "EUR"},
    "recipe": "launch",
}
BEATS: list[dict[str, Any]] = [
    {"name": "hook", "shot": {"photo": 1}, "words": [{"role": "headline", "text": "Morgen Mug"}]},
    {"name": "benefit", "shot": {"photo": 2}, "words": [{"role": "bullet", "text": "Holds 350 ml"}]},
]
SCRIPT: dict[str, Any] = {"version": 1, "product": "Morgen Mug", "facts": ["Holds 350 ml"], "beats": BEATS}


async def put(api: Api, session_id: str, script: dict[str, Any]) -> Any:
    return await api.http.put(f"/api/sessions/{session_id}/script", json={"script": script})


async def script_of(api: Api, session_id: str) -> dict[str, Any]:
    answer = await api.http.get(f"/api/sessions/{session_id}/script")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_session_has_no_script_until_one_is_written_for_its_images(api: Api) -> None:
    session_id, images = await api.with_images()
    assert set((await script_of(api, session_id)).values()) == {None}
    written = await api.http.post(f"/api/sessions/{session_id}/write-script", json=FACTS)
    assert written.status_code == 200, written.text
    kept = await script_of(api, session_id)
    assert kept == written.json()
    ad = read_ad(kept["script"])
    assert ad.photos == tuple(images)
    assert parse_ad(kept["toml"]) == ad
    assert len(kept["beat_seconds"]) == len(ad.beats)
    assert sum(kept["beat_seconds"]) + kept["end_seconds"] == pytest.approx(kept["film_seconds"])
    assert kept["film_seconds"] == pytest.approx(ad.seconds)


async def test_a_changed_script_is_kept_and_its_event_says_so(api: Api) -> None:
    session_id, images = await api.with_images()
    put_ = await put(api, session_id, SCRIPT)
    assert put_.status_code == 200, put_.text
    assert put_.json()["script"]["photos"] == images
    assert put_.json()["film_seconds"] == 6
    await put(api, session_id, {**put_.json()["script"], "style": "bold"})
    ad: Ad = read_ad((await script_of(api, session_id))["script"])
    assert (ad.style, ad.seconds) == ("bold", 6)
    events = await api.services.progress.replay(session_id, 0)
    assert [event_type(event.data) for event in events] == [EventType.SCRIPT_CHANGED] * 2
    assert (await api.http.delete(f"/api/sessions/{session_id}/script")).status_code == 204
    assert (await script_of(api, session_id))["script"] is None
    assert (await api.services.progress.replay(session_id, 2))[0].message == "Script removed"


def words(text: str, role: str = "headline") -> list[dict[str, Any]]:
    return [{"name": "hook", "shot": {"photo": 1}, "words": [{"role": role, "text": text}]}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"beats": words("The best mug")}, "claims a superlative"),
        ({"beats": words("seven words that nobody reads so fast"), "seconds": 1.0}, "the film is to last 1 s"),
        ({"beats": words("\U000e0001\U000e0002")}, "beat 'hook': "),
        ({"beats": [{"name": "far", "shot": {"photo": 3}}]}, "beat 'far' shows photo 3, and there are 2"),
        ({"photos": ["nowhere"]}, "the script shows image nowhere, which is not in this session"),
        ({"style": "baroque"}, "no text style is called 'baroque'"),
        ({"recipe": "lunch"}, "no recipe is called 'lunch'"),
        ({"beats": []}, "the script has no beats"),
        ({"beat": []}, "has no field 'beat'"),
    ],
)
async def test_a_script_that_cannot_be_filmed_is_not_kept(api: Api, change: dict[str, Any], reason: str) -> None:
    session_id, _ = await api.with_images()
    answer = await put(api, session_id, {**SCRIPT, **change})
    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["detail"]
    assert (await script_of(api, session_id))["script"] is None


async def test_a_session_without_images_has_nothing_to_show(api: Api) -> None:
    session_id = await api.new_session()
    for answer in (
        await put(api, session_id, SCRIPT),
        await api.http.post(f"/api/sessions/{session_id}/write-script", json=FACTS),
    ):
        assert answer.status_code == 409
        assert "has no images yet" in answer.json()["detail"]


async def test_a_copy_of_a_session_has_the_script_with_its_own_images(api: Api) -> None:
    session_id, _ = await api.with_images()
    await put(api, session_id, SCRIPT)
    copy = (await api.http.post(f"/api/sessions/{session_id}/copy")).json()
    assert (await api.http.delete(f"/api/sessions/{session_id}")).status_code == 204
    found = await script_of(api, copy["id"])
    assert found["script"]["photos"] == copy["approved_images"]
    assert found["script"]["beats"] == read_beats()


def read_beats() -> list[dict[str, Any]]:
    nothing = {"framing": None, "camera": None, "intensity": None}
    return [
        {
            **beat,
            "shot": {**beat["shot"], **nothing},
            "words": [{**each, "struck": None} for each in beat["words"]],
            "spoken": None,
            "seconds": None,
            "weight": 1.0,
            "recording": None,
        }
        for beat in BEATS
    ]


async def test_a_script_that_shows_a_removed_image_is_not_copied(api: Api) -> None:
    session_id, images = await api.with_images()
    await put(api, session_id, SCRIPT)
    assert (await api.http.delete(f"/api/sessions/{session_id}/images/{images[1]}")).status_code == 204
    copy = (await api.http.post(f"/api/sessions/{session_id}/copy")).json()
    assert (await script_of(api, copy["id"]))["script"] is None
    assert (await script_of(api, session_id))["script"]["photos"] == images


async def test_a_script_is_exported_with_its_session(api: Api) -> None:
    session_id, _ = await api.with_images()
    await put(api, session_id, SCRIPT)
    owner = (await api.services.sessions.record(session_id)).user_id
    exported = [session async for session in AccountService(api.backend.database).sessions(owner)]
    assert read_ad(exported[0]["script"]).beats == read_ad(SCRIPT).beats


async def test_the_script_of_a_stranger_is_not_there(guarded: Api) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    session_id = (await guarded.http.post("/api/sessions/create", headers=ada)).json()["id"]
    path = f"/api/sessions/{session_id}"
    for answer in (
        await guarded.http.get(f"{path}/script", headers=bob),
        await guarded.http.put(f"{path}/script", json={"script": SCRIPT}, headers=bob),
        await guarded.http.delete(f"{path}/script", headers=bob),
        await guarded.http.post(f"{path}/write-script", json=FACTS, headers=bob),
    ):
        assert answer.status_code == 404


async def test_a_model_writes_only_where_there_is_an_account(api: Api) -> None:
    session_id, _ = await api.with_images()
    answer = await api.http.post("/api/generate-script", json={"session_id": session_id, **FACTS})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "no language model is set up here; let rules write the script"


@pytest.fixture
async def hosted_api(sqlite_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The API of a service with an account at a provider, without a worker."""
    built = build_backend(sqlite_database, tmp_path, hosted=True)
    await built.jobs.open()
    async with opened_api(built) as found:
        yield found
    await built.jobs.close()
    await built.services.storage.close()
    await built.database.close()


async def test_a_job_that_writes_a_script_is_a_job_like_others(hosted_api: Api) -> None:
    session_id, _ = await hosted_api.with_images()
    answer = await hosted_api.http.post("/api/generate-script", json={"session_id": session_id, **FACTS})
    assert answer.status_code == 200, answer.text
    job = (await hosted_api.http.get(f"/api/jobs/{answer.json()['id']}")).json()
    assert (job["state"], job["action"]) == ("running", "write the script")
    session = (await hosted_api.http.get(f"/api/sessions/{session_id}")).json()
    assert session["stage"] == "image_selection"
    busy = await hosted_api.http.post("/api/generate-script", json={"session_id": session_id, **FACTS})
    assert busy.status_code == 409
    assert (await hosted_api.http.get(f"/s/{session_id}")).status_code in (200, 303, 307)
    cancelled = await hosted_api.http.post(f"/api/sessions/{session_id}/cancel")
    assert cancelled.json()["stage"] == "image_selection"
