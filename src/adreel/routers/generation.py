"""Making things: images, clips, films, and what is approved in between."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from adreel.routers.deps import CurrentUser, ItemId, OnceDep, ServicesDep, SessionId
from adreel.routers.problems import problems
from adreel.routers.schemas.generation import (
    Cancelled,
    ClipsSaved,
    ComposeFinalVideo,
    GenerateClips,
    GenerateImages,
    ImagesSaved,
    Processing,
    RegenerateClip,
    SaveApprovedClips,
    SaveApprovedImages,
)
from adreel.routers.services import Started
from adreel.routers.shapes import expected_seconds

router = APIRouter(tags=["generation"])

_STARTING = problems(401, 402, 403, 404, 409, 413, 502)
_SAVING = problems(401, 403, 404, 409, 413)


@router.post("/api/generate-images", response_model=Processing, responses=_STARTING)
async def generate_images(
    services: ServicesDep, user: CurrentUser, once: OnceDep, body: GenerateImages
) -> JSONResponse:
    """Starts making images of the product. The WebSocket tells how it goes."""

    async def start() -> Processing:
        prompt = body.product_prompt
        if prompt is None:
            prompt = (await services.sessions.record(body.session_id)).product_prompt
        return _processing(
            await services.orchestrator.generate_images(user.id, body.session_id, prompt, body.count, body.model)
        )

    return await once.answer(body, start)


@router.post("/api/save-approved-images", response_model=ImagesSaved, responses=_SAVING)
async def save_approved_images(
    services: ServicesDep, user: CurrentUser, once: OnceDep, body: SaveApprovedImages
) -> JSONResponse:
    """Chooses the images that clips are made of."""

    async def save() -> ImagesSaved:
        record = await services.sessions.approve_images(user.id, body.session_id, body.approved_image_ids)
        return ImagesSaved(session_id=record.id, stage=record.stage, approved_count=len(record.approved_image_ids))

    return await once.answer(body, save)


@router.post("/api/generate-clips", response_model=Processing, responses=_STARTING)
async def generate_clips(services: ServicesDep, user: CurrentUser, once: OnceDep, body: GenerateClips) -> JSONResponse:
    """Starts making one clip of each approved image. The WebSocket tells how it goes."""

    async def start() -> Processing:
        prompt = body.video_prompt
        if prompt is None:
            prompt = (await services.sessions.record(body.session_id)).video_prompt
        return _processing(
            await services.orchestrator.generate_clips(
                user.id, body.session_id, prompt, body.clip_duration, body.model, body.aspect
            )
        )

    return await once.answer(body, start)


@router.post("/api/clips/{clip_id}/regenerate", response_model=Processing, responses=_STARTING)
async def regenerate_clip(
    services: ServicesDep, user: CurrentUser, once: OnceDep, clip_id: ItemId, body: RegenerateClip | None = None
) -> JSONResponse:
    """Starts a new take of one clip; the old one stays."""
    given = body or RegenerateClip()

    async def start() -> Processing:
        return _processing(await services.orchestrator.regenerate_clip(user.id, clip_id))

    return await once.answer(given, start)


@router.post("/api/save-approved-clips", response_model=ClipsSaved, responses=_SAVING)
async def save_approved_clips(
    services: ServicesDep, user: CurrentUser, once: OnceDep, body: SaveApprovedClips
) -> JSONResponse:
    """Chooses the clips of the film and their order."""

    async def save() -> ClipsSaved:
        view = await services.sessions.approve_clips(user.id, body.session_id, body.approved_clip_ids, body.clip_order)
        return ClipsSaved(
            session_id=view.session.id,
            stage=view.session.stage,
            approved_count=len(view.session.approved_clip_ids),
            estimated_final_duration=expected_seconds(view),
        )

    return await once.answer(body, save)


@router.post("/api/compose-final-video", response_model=Processing, responses=_STARTING)
async def compose_final_video(
    services: ServicesDep, user: CurrentUser, once: OnceDep, body: ComposeFinalVideo
) -> JSONResponse:
    """Starts putting the film together. The WebSocket tells how it goes."""

    async def start() -> Processing:
        return _processing(
            await services.orchestrator.compose_final_video(
                user.id,
                body.session_id,
                body.text_overlay.model_dump(mode="json"),
                body.audio.model_dump(mode="json"),
                body.intro_duration,
                body.outro_duration,
                body.transition,
                body.aspects,
            )
        )

    return await once.answer(body, start)


@router.post("/api/sessions/{session_id}/cancel", responses=problems(401, 403, 404, 409))
async def cancel_work(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Cancelled:
    """Stops the work that is under way in the session, at the provider too."""
    record = await services.orchestrator.cancel(user.id, session_id)
    return Cancelled(status="cancelled", session_id=session_id, stage=record.stage)


def _processing(started: Started) -> Processing:
    return Processing(
        status="processing",
        estimated_duration=started.estimated_duration,
        message=started.message,
        job_id=started.job_id,
    )
