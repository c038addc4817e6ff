from __future__ import annotations

from typing import Any

import httpx
import pytest

from adreel.domain.sessions.details import FilmDetails
from adreel.domain.sessions.session import AssetKind
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.records import NewAsset
from support.api import PASSWORD, Api, log_in, photo
from support.db import counted

SESSION_KEYS = {
    "films",
    "text_overlay",
    "film_options",
    "estimated_final_duration",
    "last_seq",
    "id",
    "stage",
    "product_prompt",
    "video_prompt",
    "generated_images",
    "approved_images",
    "generated_clips",
    "approved_clips",
    "clip_order",
    "final_video",
    "total_cost",
    "created_at",
    "updated_at",
}
CLIP_KEYS = {
    "id",
    "url",
    "source_image_id",
    "view_type",
    "duration",
    "resolution",
    "fps",
    "cost",
    "model",
    "generation_time",
    "poster_url",
    "take",
    "scene_prompt",
    "camera_movement",
    "motion_intensity",
    "beat",
}
FINAL_KEYS = {
    "id",
    "url",
    "download_url",
    "poster_url",
    "aspect",
    "frames",
    "duration",
    "resolution",
    "fps",
    "file_size_mb",
    "format",
    "checks",
    "notes",
    "placement",
    "options",
    "created_at",
    "passport_url",
    "passport_page_url",
    "captions",
}
OPTIONS: dict[str, Any] = {
    "text_overlay": {"product_name": "Morgen: früh", "cta": None, "font": None, "color": None},
    "audio": {"enabled": True, "genre": None},
    "intro_duration": 1.0,
    "outro_duration": 1.0,
    "transition": "cut",
    "fit": "blur",
    "intro_style": "plain",
    "draft": False,
    "voice": "off",
    "captions": "off",
    "caption_style": "plate",
}


async def final_of(api: Api, session_id: str, aspect: str = "16:9", name: str = "Morgen: früh") -> str:
    """A session's finished film, as the end of its work records it."""
    new = NewAsset(
        AssetKind.FINAL,
        f"sessions/{session_id}/films/{aspect.replace(':', 'x')}{len(name)}.mp4",
        "f" * 64,
        "video/mp4",
        2_345_678,
        request=f"{aspect} {name}",
        details=FilmDetails.read(
            {
                "duration": 8.0,
                "resolution": "1920x1080",
                "fps": 30,
                "frames": 240,
                "format": "mp4",
                "aspect": aspect,
                "checks": [{"name": "streams", "passed": True, "detail": "h264 + aac"}],
                "options": {**OPTIONS, "text_overlay": {**OPTIONS["text_overlay"], "product_name": name}},
            }
        ),
    )
    return (await api.backend.asset(session_id, new, b"film")).id


async def composed(api: Api) -> str:
    """A complete session with a film in two aspects."""
    session_id, clips = await api.with_clips()
    user = (await api.services.sessions.record(session_id)).user_id
    await api.services.sessions.approve_clips(user, session_id, clips)
    await api.services.sessions.begin(user, session_id, Action.COMPOSE, f"{session_id}-film", {})
    final = await final_of(api, session_id)
    await final_of(api, session_id, "9:16")
    await api.services.sessions.finish(f"{session_id}-film", final_video_id=final)
    return session_id


async def test_a_new_session_is_returned_with_its_id_stage_and_time(api: Api) -> None:
    created = (await api.http.post("/api/sessions/create", json={"product_prompt": "a mug"})).json()
    assert set(created) == {"id", "session_id", "stage", "created_at"}
    assert created["stage"] == "created"
    assert created["created_at"].endswith("Z")


async def test_a_session_can_be_made_of_nothing(api: Api) -> None:
    assert (await api.http.post("/api/sessions/create")).status_code == 200


async def test_a_complete_session_has_the_shape_that_clients_rely_on(api: Api) -> None:
    session = (await api.http.get(f"/api/sessions/{await composed(api)}")).json()
    assert set(session) >= SESSION_KEYS
    assert session["stage"] == "complete"
    assert set(session["generated_clips"][0]) == CLIP_KEYS
    assert set(session["final_video"]) == FINAL_KEYS
    assert session["final_video"]["options"] == OPTIONS
    assert session["final_video"]["checks"] == [{"name": "streams", "detail": "h264 + aac"}]
    assert session["estimated_final_duration"] == 8.0
    assert session["final_video"]["file_size_mb"] == 2.35
    assert set(session["final_videos"]) == {"16:9", "9:16"}
    assert session["total_cost"] == "0.00"
    assert session["generated_clips"][0]["duration"] == 3.0
    assert session["approved_clips"] == [clip["id"] for clip in session["generated_clips"]]


async def test_a_film_is_kept_under_the_products_name(api: Api) -> None:
    session = (await api.http.get(f"/api/sessions/{await composed(api)}")).json()
    answer = await api.http.get(session["final_videos"]["9:16"]["download_url"])
    assert answer.content == b"film"
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''Morgen%20fr%C3%BCh%209x16.mp4")


async def test_every_film_stays_and_variants_do_not_mix(api: Api) -> None:
    session_id = await composed(api)
    user = (await api.services.sessions.record(session_id)).user_id
    for name in ("Abend", "Mittag"):
        await api.services.sessions.begin(user, session_id, Action.COMPOSE, f"{session_id}-{name}", {})
        variant = await final_of(api, session_id, "16:9", name)
        await api.services.sessions.finish(f"{session_id}-{name}", final_video_id=variant)
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    names = [film["options"]["text_overlay"]["product_name"] for film in session["films"]]
    assert names == ["Mittag", "Abend", "Morgen: früh", "Morgen: früh"]
    assert session["final_video"] == session["films"][0] == session["final_videos"]["16:9"]
    first = session["films"][3]["id"]
    await api.services.sessions.begin(user, session_id, Action.COMPOSE, f"{session_id}-again", {})
    await api.services.sessions.finish(f"{session_id}-again", final_video_id=first)
    again = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert again["final_video"]["id"] == again["final_videos"]["16:9"]["id"] == first
    assert len(again["films"]) == 4


async def test_the_options_of_the_last_film_are_returned(api: Api) -> None:
    session_id, clips = await api.with_clips()
    before = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert (before["text_overlay"], before["film_options"], before["estimated_final_duration"]) == (None, None, None)
    await api.http.post("/api/save-approved-clips", json={"session_id": session_id, "approved_clip_ids": clips})
    body = {
        "session_id": session_id,
        "text_overlay": {"product_name": "Morgen", "color": "#E4572E"},
        "audio": {"enabled": True, "genre": "chill"},
        "transition": "crossfade",
        "aspects": ["1:1", "9:16"],
    }
    assert (await api.http.post("/api/compose-final-video", json=body)).status_code == 200
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert session["text_overlay"] == {"product_name": "Morgen", "cta": None, "font": None, "color": "#E4572E"}
    assert session["film_options"] == {
        "audio": {"enabled": True, "genre": "chill"},
        "intro_duration": 1.0,
        "outro_duration": 1.0,
        "transition": "crossfade",
        "fit": "blur",
        "intro_style": "plain",
        "draft": False,
        "voice": "off",
        "captions": "off",
        "caption_style": "plate",
        "aspects": ["1:1", "9:16"],
    }
    assert session["last_seq"] == 1


async def test_work_under_way_is_returned(api: Api) -> None:
    session_id, _ = await api.with_images()
    started = await api.http.post("/api/generate-clips", json={"session_id": session_id})
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert session["stage"] == "clip_generation"
    assert session["work"]["job_id"] == started.json()["job_id"]
    assert session["work"]["action"] == "generate clips"


async def test_a_session_is_read_by_three_queries_at_most(guarded: Api) -> None:
    guarded.http.headers.update(await log_in(guarded, "ada"))
    session_id, _ = await guarded.with_clips(4)
    await guarded.http.get(f"/api/sessions/{session_id}")
    with counted(guarded.backend.database) as statements:
        answer = await guarded.http.get(f"/api/sessions/{session_id}")
    assert answer.status_code == 200
    assert len(statements) <= 3, statements


async def test_a_list_is_read_by_three_queries_at_most_however_long(guarded: Api) -> None:
    guarded.http.headers.update(await log_in(guarded, "ada"))
    for _ in range(3):
        await guarded.with_images()
    with counted(guarded.backend.database) as statements:
        answer = await guarded.http.get("/api/sessions")
    assert len(answer.json()["sessions"]) == 3
    assert len(statements) <= 3, statements


async def test_a_list_comes_in_pages_newest_first(api: Api) -> None:
    made = [await api.new_session() for _ in range(5)]
    first = (await api.http.get("/api/sessions", params={"limit": 3})).json()
    rest = (await api.http.get("/api/sessions", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in [*first["sessions"], *rest["sessions"]]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_a_list_shows_a_picture_and_the_film(api: Api) -> None:
    await composed(api)
    (entry,) = (await api.http.get("/api/sessions")).json()["sessions"]
    for name in ("thumbnail_url", "final_video_url"):
        assert (await api.http.get(entry[name])).status_code == 200


async def test_costs_are_listed_by_piece_of_work(api: Api) -> None:
    session_id = await api.new_session()
    assert (await api.http.get(f"/api/sessions/{session_id}/costs")).json() == {
        "session_id": session_id,
        "total_cost": "0.00",
        "breakdown": [],
    }


async def test_a_deleted_session_takes_its_files_along(api: Api) -> None:
    session_id, _ = await api.with_images()
    url = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"][0]["url"]
    assert (await api.http.get(url)).status_code == 200
    assert (await api.http.delete(f"/api/sessions/{session_id}")).status_code == 204
    assert (await api.http.get(url)).status_code == 404
    assert (await api.http.get(f"/api/sessions/{session_id}")).status_code == 404
    assert not list((api.backend.folder / "storage").rglob("*.jpg"))


async def test_a_session_at_work_is_not_deleted(api: Api) -> None:
    session_id, _ = await api.with_images()
    await api.http.post("/api/generate-clips", json={"session_id": session_id})
    refused = await api.http.delete(f"/api/sessions/{session_id}")
    assert refused.status_code == 409
    assert refused.json()["stage"] == "clip_generation"
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]


async def test_an_image_can_be_taken_out_again(api: Api) -> None:
    session_id, (first, second) = await api.with_images()
    assert (await api.http.delete(f"/api/sessions/{session_id}/images/{first}")).status_code == 204
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert [image["id"] for image in session["generated_images"]] == [second]
    assert len(list((api.backend.folder / "storage").rglob("*.jpg"))) == 1


async def test_films_are_deleted_one_by_one_and_the_clips_stay(api: Api) -> None:
    session_id = await composed(api)
    before = (await api.http.get(f"/api/sessions/{session_id}")).json()
    final, other = before["final_video"], next(f for f in before["films"] if f["id"] != before["final_video"]["id"])
    path = f"/api/sessions/{session_id}/films"
    assert (await api.http.delete(f"{path}/{final['id']}")).status_code == 204
    assert (await api.http.get(final["url"])).status_code == 404
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert (session["stage"], session["final_video"]["id"]) == ("complete", other["id"])
    assert (await api.http.delete(f"{path}/{final['id']}")).status_code == 404
    assert (await api.http.delete(f"{path}/{session['clips'][0]['id']}")).status_code == 404
    assert (await api.http.delete(f"{path}/{other['id']}")).status_code == 204
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert (session["stage"], session["final_video"], session["films"]) == ("final_composition", None, [])
    assert len(session["clips"]) == 2


async def test_a_film_is_not_deleted_while_the_session_works(api: Api) -> None:
    session_id = await composed(api)
    film = (await api.http.get(f"/api/sessions/{session_id}")).json()["final_video"]["id"]
    assert (await api.http.post("/api/compose-final-video", json={"session_id": session_id})).status_code == 200
    refused = await api.http.delete(f"/api/sessions/{session_id}/films/{film}")
    assert (refused.status_code, refused.json()["stage"]) == (409, "final_composition")


async def everything_about(api: Api, session_id: str, image: str, clip: str, headers: dict[str, str]) -> list[int]:
    """The answers to all that can be asked of a session."""

    async def ask(method: str, path: str, **more: object) -> int:
        request = api.http.build_request(method, path, headers=headers, **more)  # pyright: ignore[reportArgumentType]
        return (await api.http.send(request)).status_code

    base = f"/api/sessions/{session_id}"
    return [
        await ask("GET", base),
        await ask("GET", f"{base}/costs"),
        await ask("POST", f"{base}/images", files=[("files", ("a.jpg", photo(50), "image/jpeg"))]),
        await ask("DELETE", f"{base}/images/{image}"),
        await ask("DELETE", f"{base}/films/{clip}"),
        await ask("POST", f"{base}/ticket"),
        await ask("POST", f"{base}/budget", json={"cap": "5"}),
        await ask("POST", f"{base}/card-preview", json={"kind": "intro", "text_overlay": {"product_name": "Morgen"}}),
        await ask("POST", f"{base}/examples", json={"name": "mug"}),
        await ask("POST", f"{base}/cancel"),
        await ask("POST", "/api/generate-images", json={"session_id": session_id}),
        await ask("POST", "/api/save-approved-images", json={"session_id": session_id, "approved_image_ids": [image]}),
        await ask("POST", "/api/generate-clips", json={"session_id": session_id}),
        await ask("POST", f"/api/clips/{clip}/regenerate"),
        await ask("POST", "/api/save-approved-clips", json={"session_id": session_id, "approved_clip_ids": [clip]}),
        await ask("POST", "/api/compose-final-video", json={"session_id": session_id}),
        await ask("DELETE", base),
    ]


async def test_nothing_of_a_foreign_session_can_be_seen_or_done(guarded: Api) -> None:
    guarded.http.headers.update(await log_in(guarded, "ada"))
    session_id, clips = await guarded.with_clips()
    before = (await guarded.http.get(f"/api/sessions/{session_id}")).json()
    bob = await log_in(guarded, "bob")
    image = before["generated_images"][0]["id"]
    assert set(await everything_about(guarded, session_id, image, clips[0], bob)) == {404}
    assert (await guarded.http.get("/api/sessions", headers=bob)).json()["sessions"] == []
    after = (await guarded.http.get(f"/api/sessions/{session_id}")).json()
    assert (after["stage"], after["updated_at"]) == (before["stage"], before["updated_at"])


async def test_without_a_login_nothing_is_returned(guarded: Api) -> None:
    statuses = await everything_about(guarded, "unknown", "image", "clip", {})
    assert set(statuses) == {401}
    refused = await guarded.http.get("/api/sessions")
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_unknown_sessions_get_the_answer_of_foreign_ones(api: Api) -> None:
    assert set(await everything_about(api, "unknown", "image", "clip", {})) == {404}


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "Mg"])
async def test_a_cursor_of_somebody_elses_making_is_refused(api: Api, cursor: str) -> None:
    assert (await api.http.get("/api/sessions", params={"cursor": cursor})).status_code == 422


async def test_logins_keys_and_logouts(guarded: Api) -> None:
    ada = await log_in(guarded, "ada")
    assert (await guarded.http.get("/api/auth/me", headers=ada)).json()["email"] == "ada@example.com"
    key = (await guarded.http.post("/api/auth/keys", headers=ada, json={"name": "nightly"})).json()
    by_key = {"Authorization": f"Bearer {key['key']}"}
    assert (await guarded.http.get("/api/sessions", headers=by_key)).status_code == 200
    listed = (await guarded.http.get("/api/auth/keys", headers=ada)).json()["keys"]
    assert [each["name"] for each in listed] == ["nightly"]
    assert key["key"] not in str(listed)
    bob = await log_in(guarded, "bob")
    assert (await guarded.http.delete(f"/api/auth/keys/{key['id']}", headers=bob)).status_code == 404
    assert (await guarded.http.delete(f"/api/auth/keys/{key['id']}", headers=ada)).status_code == 204
    assert (await guarded.http.get("/api/sessions", headers=by_key)).status_code == 401
    assert (await guarded.http.post("/api/auth/logout", headers=ada)).status_code == 204
    assert (await guarded.http.get("/api/sessions", headers=ada)).status_code == 401


async def test_after_failed_logins_one_has_to_wait(guarded: Api) -> None:
    async def attempt(password: str) -> httpx.Response:
        return await guarded.http.post("/api/auth/login", json={"email": "ada@example.com", "password": password})

    statuses = [(await attempt("wrong")).status_code for _ in range(5)]
    assert statuses == [401] * 5
    refused = await attempt(PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] > 0
