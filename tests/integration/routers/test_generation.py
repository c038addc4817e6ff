from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from adreel.db.tables import AssetRow
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.engine.steps import JobState
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.services.ledger.service import LedgerService
from support.api import Api, Backend, opened_api, photo, with_services


async def post(api: Api, path: str, key: str | None = None, **body: Any) -> httpx.Response:
    return await api.http.post(path, json=body, headers={"Idempotency-Key": key} if key else {})


async def test_clips_are_started_and_queued(api: Api) -> None:
    session_id, _ = await api.with_images()
    answer = await post(api, "/api/generate-clips", session_id=session_id, video_prompt="calm", clip_duration=2)
    started = answer.json()
    assert answer.status_code == 200
    assert (started["status"], started["estimated_duration"]) == ("processing", 180)
    assert await api.backend.jobs.status(started["job_id"]) is JobState.ENQUEUED
    assert (await api.services.sessions.record(session_id)).video_prompt == "calm"


async def test_without_a_prompt_the_sessions_own_stays(api: Api) -> None:
    session_id = await api.new_session(video_prompt="slow and warm")
    images = (await api.upload(session_id, photo())).json()["images"]
    await post(api, "/api/save-approved-images", session_id=session_id, approved_image_ids=[images[0]["id"]])
    assert (await post(api, "/api/generate-clips", session_id=session_id)).status_code == 200
    assert (await api.services.sessions.record(session_id)).video_prompt == "slow and warm"


@pytest.mark.parametrize(("asked", "ideas"), [({}, False), ({"ideas": False}, False), ({"ideas": True}, True)])
async def test_a_language_model_plans_free_clips_only_when_ideas_are_asked_for(
    api: Api, asked: dict[str, Any], ideas: bool
) -> None:
    session_id, _ = await api.with_images(1)
    assert (await post(api, "/api/generate-clips", session_id=session_id, **asked)).status_code == 200
    job = (await api.services.sessions.record(session_id)).job
    assert job is not None
    assert job.order["ideas"] is ideas


async def test_approved_clips_are_answered_with_count_and_length(api: Api) -> None:
    session_id, clips = await api.with_clips()
    saved = await post(
        api, "/api/save-approved-clips", session_id=session_id, approved_clip_ids=clips, clip_order=clips[::-1]
    )
    assert saved.json() == {
        "id": session_id,
        "session_id": session_id,
        "stage": "final_composition",
        "approved_count": 2,
        "estimated_final_duration": 8.0,
    }
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["clip_order"] == clips[::-1]


async def test_a_film_is_started(api: Api) -> None:
    session_id, clips = await api.with_clips()
    await post(api, "/api/save-approved-clips", session_id=session_id, approved_clip_ids=clips)
    started = await post(
        api,
        "/api/compose-final-video",
        session_id=session_id,
        text_overlay={"product_name": "Morgen", "cta": "Order", "color": "#E4572E"},
        audio={"enabled": True, "genre": "upbeat"},
    )
    assert (started.json()["status"], started.json()["estimated_duration"]) == ("processing", 35)


async def test_a_character_that_no_font_has_is_a_problem_before_work_begins(api: Api) -> None:
    session_id, clips = await api.with_clips()
    await post(api, "/api/save-approved-clips", session_id=session_id, approved_clip_ids=clips)
    overlay = {"product_name": "茶 \U0002a6d6"}
    refused = await post(api, "/api/compose-final-video", session_id=session_id, text_overlay=overlay)
    assert refused.status_code == 422
    assert "no available font shows '\U0002a6d6' (U+2A6D6" in refused.json()["detail"]
    assert (await api.services.sessions.record(session_id)).job is None


async def test_a_new_take_is_made_of_clips_only(api: Api) -> None:
    _, images = await api.with_images(1)
    assert (await post(api, "/api/clips/unknown/regenerate")).status_code == 404
    assert (await post(api, f"/api/clips/{images[0]}/regenerate")).status_code == 404


async def test_a_new_take_of_a_clip_is_started(api: Api) -> None:
    session_id, clips = await api.with_clips(1)
    started = await api.http.post(f"/api/clips/{clips[0]}/regenerate")
    assert started.json()["status"] == "processing"
    assert (await api.services.sessions.record(session_id)).stage is Stage.CLIP_GENERATION


async def test_work_is_cancelled(api: Api) -> None:
    session_id, _ = await api.with_images()
    job = (await post(api, "/api/generate-clips", session_id=session_id)).json()["job_id"]
    answer = await api.http.post(f"/api/sessions/{session_id}/cancel")
    assert answer.json() == {
        "status": "cancelled",
        "id": session_id,
        "session_id": session_id,
        "stage": "image_selection",
    }
    assert await api.backend.jobs.status(job) is JobState.CANCELLED
    assert (await api.http.post(f"/api/sessions/{session_id}/cancel")).status_code == 409


async def test_the_wrong_stage_says_which_it_is_and_what_to_do(api: Api) -> None:
    session_id = await api.new_session()
    refused = await post(api, "/api/save-approved-clips", session_id=session_id, approved_clip_ids=["a"])
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["type"] == "urn:adreel:problem:stage"
    assert problem["stage"] == "created"
    assert "upload or generate images first" in problem["detail"]
    assert problem["instance"] == refused.headers["x-request-id"]


async def test_a_budget_that_does_not_suffice_is_reported_with_its_numbers(backend: Backend) -> None:
    async with opened_api(with_services(backend, orchestrator=hosted_orchestrator(backend))) as api:
        session_id = await api.new_session(budget_cap="1.50")
        images = (await api.upload(session_id, photo(0), photo(1))).json()["images"]
        ids = [image["id"] for image in images]
        await post(api, "/api/save-approved-images", session_id=session_id, approved_image_ids=ids)
        refused = await post(api, "/api/generate-clips", session_id=session_id, model="stable-video-diffusion")
        assert refused.status_code == 402
        problem = refused.json()
        told = [problem[name] for name in ("type", "whose", "needed", "left", "cap")]
        assert told == ["urn:adreel:problem:budget", "session", "1.60", "1.50", "1.50"]
        assert (await api.services.sessions.record(session_id)).job is None


def hosted_orchestrator(backend: Backend) -> VideoGenerationOrchestrator:
    services = backend.services
    return VideoGenerationOrchestrator(
        services.sessions,
        LedgerService(backend.database),
        services.progress,
        backend.jobs,
        services.catalogue.videos,
        ("replicate",),
        image_models=services.catalogue.images,
    )


async def _made_by(backend: Backend, clip_id: str, model: str, size: tuple[int, int]) -> None:
    async with backend.database.writing() as transaction:
        row = await transaction.get_one(AssetRow, clip_id)
        row.model = model
        segment = {**row.details["segment"], "width": size[0], "height": size[1]}
        row.details = {**row.details, "segment": segment}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"aspect": "1:1"}, "veo-3.1-fast makes no clips of 1:1; choose one of 16:9, 9:16"),
        ({"aspect": "4:5"}, "veo-3.1-fast makes no clips of 4:5; choose one of 16:9, 9:16"),
        ({"clip_duration": 9}, "clips of 9 s are not possible with veo-3.1-fast; choose between 0.5 and 8 seconds"),
        ({"model": "sdxl"}, "no model is called 'sdxl' here"),
    ],
)
async def test_a_clip_that_a_model_cannot_make_is_a_problem_before_work_begins(
    backend: Backend, change: dict[str, object], words: str
) -> None:
    async with opened_api(with_services(backend, orchestrator=hosted_orchestrator(backend))) as api:
        session_id, _ = await api.with_images()
        body = {"session_id": session_id, "model": "veo-3.1-fast", **change}
        refused = await api.http.post("/api/generate-clips", json=body)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert words in refused.json()["detail"]
        assert (await api.services.sessions.record(session_id)).job is None


async def test_images_are_ordered_in_the_films_aspect(backend: Backend) -> None:
    async with opened_api(with_services(backend, orchestrator=hosted_orchestrator(backend))) as api:
        session_id = await api.new_session()
        body = {"session_id": session_id, "product_prompt": "a mug", "count": 2, "model": "sdxl", "aspect": "9:16"}
        assert (await api.http.post("/api/generate-images", json=body)).status_code == 200
        job = (await api.services.sessions.record(session_id)).job
        assert job is not None
        assert job.order["aspect"] == "9:16"
        refused = await api.http.post("/api/generate-images", json={**body, "aspect": "21:9"})
        assert refused.status_code == 422


async def test_a_new_take_of_what_a_model_does_not_make_is_refused(backend: Backend) -> None:
    """A clip of an earlier version, square by a model that makes none."""
    async with opened_api(with_services(backend, orchestrator=hosted_orchestrator(backend))) as api:
        session_id, clips = await api.with_clips(1)
        await _made_by(backend, clips[0], "veo-3.1-fast", (1080, 1080))
        refused = await api.http.post(f"/api/clips/{clips[0]}/regenerate")
        assert refused.status_code == 422
        assert "veo-3.1-fast makes no clips of 1:1; choose one of 16:9, 9:16" in refused.json()["detail"]
        assert (await api.services.sessions.record(session_id)).job is None


async def test_models_are_listed_with_prices_and_whether_they_can_be_used(api: Api) -> None:
    catalogue = await api.http.get("/api/models")
    models = {model["name"]: model for model in catalogue.json()["models"]}
    assert (models["local"]["available"], models["local"]["price"]) == (True, "0.00")
    assert (models["stable-video-diffusion"]["available"], models["stable-video-diffusion"]["price"]) == (False, "0.80")


async def test_an_unknown_model_is_refused(api: Api) -> None:
    session_id, _ = await api.with_images()
    refused = await post(api, "/api/generate-clips", session_id=session_id, model="runway-gen2")
    assert refused.status_code == 422
    assert "runway-gen2" in refused.json()["detail"]


async def test_a_session_keeps_its_budget(api: Api) -> None:
    session_id = await api.new_session(budget_cap="1.50")
    assert (await api.services.sessions.record(session_id)).budget_cap == Decimal("1.5")
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["budget_cap"] == "1.50"


async def test_the_same_key_and_body_start_work_once(api: Api) -> None:
    session_id, _ = await api.with_images()
    first = await post(api, "/api/generate-clips", "key-1", session_id=session_id)
    again = await post(api, "/api/generate-clips", "key-1", session_id=session_id)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await post(api, "/api/sessions/create", "key-1", product_prompt="a mug")
    refused = await post(api, "/api/sessions/create", "key-1", product_prompt="a cup")
    assert refused.status_code == 409
    assert "Idempotency-Key" in refused.json()["detail"]


async def test_a_key_belongs_to_one_path(api: Api) -> None:
    session_id, images = await api.with_images()
    assert (await post(api, "/api/sessions/create", "key-1")).status_code == 200
    body = {"session_id": session_id, "approved_image_ids": images}
    assert (await post(api, "/api/save-approved-images", "key-1", **body)).status_code == 200


async def test_twenty_at_once_with_one_key_make_one_session(api: Api) -> None:
    answers = await asyncio.gather(*[post(api, "/api/sessions/create", "key-1") for _ in range(20)])
    good = [answer for answer in answers if answer.status_code == 200]
    assert good
    assert len({answer.json()["session_id"] for answer in good}) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 409)
    assert len((await api.http.get("/api/sessions")).json()["sessions"]) == 1


async def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    session_id = await api.new_session()
    images = [photo(0)]
    refused = await post(api, "/api/generate-clips", "key-1", session_id=session_id)
    assert refused.status_code == 409
    ids = [image["id"] for image in (await api.upload(session_id, *images)).json()["images"]]
    await post(api, "/api/save-approved-images", session_id=session_id, approved_image_ids=ids)
    assert (await post(api, "/api/generate-clips", "key-1", session_id=session_id)).status_code == 200


async def test_an_upload_with_a_key_is_known_by_its_photos(api: Api) -> None:
    path = f"/api/sessions/{await api.new_session()}/images"
    key = {"Idempotency-Key": "key-1"}

    async def send(seed: int) -> httpx.Response:
        return await api.http.post(path, files=[("files", ("a.jpg", photo(seed), "image/jpeg"))], headers=key)

    first, again, other = await send(1), await send(1), await send(2)
    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    answer = await api.http.post("/api/sessions/create", json={}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
