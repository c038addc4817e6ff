"""One name for each thing; old names stay as deprecated aliases (decision 0085)."""

from __future__ import annotations

from typing import Any

from support.api import Api

ALIASES = {
    "SessionCreated": {"session_id"},
    "ImagesSaved": {"session_id"},
    "ClipsSaved": {"session_id"},
    "Cancelled": {"session_id"},
    "Processing": {"job_id"},
    "Work": {"job_id"},
    "SessionAnswer": {"generated_images", "generated_clips", "approved_images", "approved_clips", "final_videos"},
}


async def test_every_answer_about_a_session_or_job_has_its_id(api: Api) -> None:
    created = (await api.http.post("/api/sessions/create", json={})).json()
    assert created["id"] == created["session_id"]
    session_id, clips = await api.with_clips()
    body = {"session_id": session_id, "approved_clip_ids": clips}
    saved = (await api.http.post("/api/save-approved-clips", json=body)).json()
    assert saved["id"] == saved["session_id"] == session_id
    started = (await api.http.post("/api/generate-clips", json={"session_id": session_id})).json()
    assert started["id"] == started["job_id"]
    work = (await api.http.get(f"/api/sessions/{session_id}")).json()["work"]
    assert work["id"] == work["job_id"] == started["id"]
    cancelled = (await api.http.post(f"/api/sessions/{session_id}/cancel")).json()
    assert cancelled["id"] == cancelled["session_id"] == session_id


async def test_uploads_are_images_and_say_where_they_come_from(api: Api) -> None:
    session_id, images = await api.with_images(2)
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert [(image["id"], image["source"]) for image in session["images"]] == [(one, "upload") for one in images]
    assert session["approved_image_ids"] == images
    for new, old in (("images", "generated_images"), ("clips", "generated_clips")):
        assert session[new] == session[old]
    for new, old in (("approved_image_ids", "approved_images"), ("approved_clip_ids", "approved_clips")):
        assert session[new] == session[old]


async def test_exactly_the_old_names_are_deprecated_in_the_document(api: Api) -> None:
    schemas: dict[str, Any] = (await api.http.get("/api/openapi.json")).json()["components"]["schemas"]
    found = {
        name: {field for field, facts in schema.get("properties", {}).items() if facts.get("deprecated")}
        for name, schema in schemas.items()
    }
    assert {name: fields for name, fields in found.items() if fields} == ALIASES


async def test_bodies_of_requests_have_the_specified_names(api: Api) -> None:
    paths = (await api.http.get("/api/openapi.json")).json()["paths"]

    def body(path: str) -> str:
        schema = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        return str(schema["$ref"]).rpartition("/")[2]

    assert body("/api/generate-clips") == "GenerateClipsRequest"
    assert body("/api/save-approved-clips") == "SaveApprovedClipsRequest"
    assert body("/api/compose-final-video") == "ComposeFinalVideoRequest"


async def test_a_session_is_renamed(api: Api) -> None:
    session_id = await api.new_session()
    answer = await api.http.patch(f"/api/sessions/{session_id}", json={"name": "  Morning mug "})
    assert (answer.status_code, answer.json()["name"]) == (200, "Morning mug")
    listed = (await api.http.get("/api/sessions")).json()["sessions"]
    assert [each["name"] for each in listed] == ["Morning mug"]
    assert (await api.http.patch("/api/sessions/none", json={"name": "x"})).status_code == 404
    assert (await api.http.patch(f"/api/sessions/{session_id}", json={"name": "a\0b"})).status_code == 422
