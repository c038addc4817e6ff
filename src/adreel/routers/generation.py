"""Jobs that generate images, clips and films, and the approvals in between."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from adreel.domain.accounts.stored_brands import BrandSlot
from adreel.domain.sessions.session import SessionRecord, SessionView
from adreel.orchestrator.video_orchestrator import Started
from adreel.routers.common.deps import CurrentUser, IdempotentDep, ItemId, ServicesDep, SessionId
from adreel.routers.common.problems import problems
from adreel.routers.common.responses import expected_seconds, processing
from adreel.routers.schemas.generation import (
    Cancelled,
    ClipsSaved,
    ComposeFinalVideoRequest,
    GenerateClipsRequest,
    GenerateImagesRequest,
    ImagesSaved,
    Processing,
    RegenerateClipRequest,
    SaveApprovedClipsRequest,
    SaveApprovedImagesRequest,
)
from adreel.services.receipts import Receipt

router = APIRouter(tags=["generation"])

_STARTING = problems(401, 402, 403, 404, 409, 413, 502)
_SAVING = problems(401, 403, 404, 409, 413)


@router.post("/api/generate-images", response_model=Processing, responses=_STARTING)
async def generate_images(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: GenerateImagesRequest
) -> JSONResponse:
    """Starts a job that generates images of the product. The WebSocket reports its progress."""

    async def start(receipt: Receipt[Started]) -> Started:
        prompt = body.product_prompt
        if prompt is None:
            prompt = (await services.sessions.record(body.session_id)).product_prompt
        return await services.orchestrator.generate_images(
            user.id, body.session_id, prompt, body.count, body.model, body.aspect, receipt=receipt
        )

    return await idempotent.answer(body, start, processing)


@router.post("/api/save-approved-images", response_model=ImagesSaved, responses=_SAVING)
async def save_approved_images(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: SaveApprovedImagesRequest
) -> JSONResponse:
    """Selects the images from which clips are made."""

    async def save(receipt: Receipt[SessionRecord]) -> SessionRecord:
        return await services.sessions.approve_images(user.id, body.session_id, body.approved_image_ids, receipt)

    return await idempotent.answer(body, save, _images_saved)


@router.post("/api/generate-clips", response_model=Processing, responses=_STARTING)
async def generate_clips(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: GenerateClipsRequest
) -> JSONResponse:
    """Starts a job that makes one clip from each approved image. The WebSocket reports its progress."""

    async def start(receipt: Receipt[Started]) -> Started:
        prompt = body.video_prompt
        if prompt is None:
            prompt = (await services.sessions.record(body.session_id)).video_prompt
        return await services.orchestrator.generate_clips(
            user.id, body.session_id, prompt, body.clip_duration, body.model, body.aspect, body.ideas, receipt=receipt
        )

    return await idempotent.answer(body, start, processing)


@router.post("/api/clips/{clip_id}/regenerate", response_model=Processing, responses=_STARTING)
async def regenerate_clip(
    services: ServicesDep,
    user: CurrentUser,
    idempotent: IdempotentDep,
    clip_id: ItemId,
    body: RegenerateClipRequest | None = None,
) -> JSONResponse:
    """Starts a job that makes a new take of one clip; earlier takes are kept."""
    request = body or RegenerateClipRequest()

    async def start(receipt: Receipt[Started]) -> Started:
        return await services.orchestrator.regenerate_clip(user.id, clip_id, receipt=receipt)

    return await idempotent.answer(request, start, processing)


@router.post("/api/save-approved-clips", response_model=ClipsSaved, responses=_SAVING)
async def save_approved_clips(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: SaveApprovedClipsRequest
) -> JSONResponse:
    """Selects the clips of the film and their order."""

    async def save(receipt: Receipt[SessionView]) -> SessionView:
        return await services.sessions.approve_clips(
            user.id, body.session_id, body.approved_clip_ids, body.clip_order, receipt
        )

    return await idempotent.answer(body, save, _clips_saved)


@router.post("/api/compose-final-video", response_model=Processing, responses=_STARTING)
async def compose_final_video(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: ComposeFinalVideoRequest
) -> JSONResponse:
    """Starts a job that composes the film. The WebSocket reports its progress."""

    async def start(receipt: Receipt[Started]) -> Started:
        return await services.orchestrator.compose_final_video(
            user.id,
            body.session_id,
            aspects=body.own_aspects,
            placements=body.placements,
            brand_kit=body.brand_kit,
            files=body.slots,
            receipt=receipt,
            **_film_options(body),
        )

    return await idempotent.answer(body, start, processing)


@router.post("/api/sessions/{session_id}/cancel", response_model=Cancelled, responses=problems(401, 403, 404, 409))
async def cancel_work(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, session_id: SessionId
) -> JSONResponse:
    """Cancels the session's running job, at the provider too."""

    async def cancel(receipt: Receipt[SessionRecord]) -> SessionRecord:
        return await services.orchestrator.cancel(user.id, session_id, receipt=receipt)

    return await idempotent.answer("", cancel, _cancelled)


def _images_saved(record: SessionRecord) -> ImagesSaved:
    return ImagesSaved(id=record.id, stage=record.stage, approved_count=len(record.approved_image_ids))


def _clips_saved(view: SessionView) -> ClipsSaved:
    return ClipsSaved(
        id=view.session.id,
        stage=view.session.stage,
        approved_count=len(view.session.approved_clip_ids),
        estimated_final_duration=expected_seconds(view),
    )


def _cancelled(record: SessionRecord) -> Cancelled:
    return Cancelled(status="cancelled", id=record.id, stage=record.stage)


def _film_options(body: ComposeFinalVideoRequest) -> dict[str, Any]:
    """Converts the body to the orchestrator's keyword arguments."""
    others = {"session_id", "aspects", "placements", "brand_kit", *BrandSlot}
    options = body.model_dump(mode="json", exclude=others)
    return {**options, "audio_config": options.pop("audio")}
