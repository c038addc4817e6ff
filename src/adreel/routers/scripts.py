"""Scripts of ads."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from adreel.agents.script import write_script as written
from adreel.domain.films.formats import to_seconds
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.orchestrator.session_scripts import SessionScript
from adreel.orchestrator.video_orchestrator import Started
from adreel.routers.common.deps import CurrentUser, IdempotentDep, ServicesDep, SessionId
from adreel.routers.common.problems import problems
from adreel.routers.common.responses import processing
from adreel.routers.schemas.generation import Processing
from adreel.routers.schemas.scripts import (
    GenerateScript,
    PutScript,
    ScriptFacts,
    SessionScriptAnswer,
    WriteScript,
    WrittenScript,
)
from adreel.services.receipts import Receipt

router = APIRouter(tags=["scripts"])


@router.post("/api/write-script", responses=problems(401, 403, 413))
async def write_script(services: ServicesDep, user: CurrentUser, body: WriteScript) -> WrittenScript:
    """Writes the script of an ad from facts and an offer. Nothing is stored or bought; the same body gives the same script.

    A recipe that lacks what it needs, words that cannot be read in the time, and a claim without a source are 422.
    """
    brand = await services.scripts.brands.named(user.id, body.brand_kit or "")
    ad = replace(await asyncio.to_thread(written, brand.request(body.request())), photos=())
    return WrittenScript(script=ad, toml=to_toml(ad))


@router.get("/api/sessions/{session_id}/script", responses=problems(401, 404))
async def get_session_script(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> SessionScriptAnswer:
    """Returns the script of a session's ad; its fields are null while the session has none."""
    return _answer(await services.scripts.get(user.id, session_id))


@router.put("/api/sessions/{session_id}/script", responses=problems(401, 403, 404, 409, 413))
async def put_session_script(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, body: PutScript
) -> SessionScriptAnswer:
    """Checks and stores the script of a session's ad. The next clips and films are made from it; a running job is not changed.

    A mistake in a field, an image that is not in the session, words that cannot be read in the time, and a claim without a source
    are 422.
    """
    return _answer(await services.scripts.put(user.id, session_id, read_ad(body.script)))


@router.delete("/api/sessions/{session_id}/script", status_code=204, responses=problems(401, 403, 404))
async def remove_session_script(services: ServicesDep, user: CurrentUser, session_id: SessionId) -> Response:
    """Removes the script of a session's ad: the next clips and films are made without words."""
    await services.scripts.remove(user.id, session_id)
    return Response(status_code=204)


@router.post("/api/sessions/{session_id}/write-script", responses=problems(401, 403, 404, 409, 413))
async def write_session_script(
    services: ServicesDep, user: CurrentUser, session_id: SessionId, body: ScriptFacts
) -> SessionScriptAnswer:
    """Writes the script of a session's ad from facts and an offer for its approved images, and stores it.

    A recipe that lacks what it needs, words that cannot be read in the time, and a claim without a source are 422.
    """
    return _answer(await services.scripts.write(user.id, session_id, body.request_for(("photo",)), body.brand_kit))


@router.post("/api/generate-script", response_model=Processing, responses=problems(401, 402, 403, 404, 409, 413))
async def generate_script(
    services: ServicesDep, user: CurrentUser, idempotent: IdempotentDep, body: GenerateScript
) -> JSONResponse:
    """Starts a job in which a language model writes the session's script from facts and an offer; it is stored at the end.

    Its words are held to the facts like those of everyone, and it is asked again once; when it fails, or the budget does not
    cover it, rules write the script and the job's last event has a `warning` that says why. An account at a provider is needed.
    """

    async def start(receipt: Receipt[Started]) -> Started:
        return await services.orchestrator.write_script(
            user.id, body.session_id, body.request_for(("photo",)), receipt=receipt, brand_kit=body.brand_kit
        )

    return await idempotent.answer(body, start, processing)


def _answer(found: SessionScript | None) -> SessionScriptAnswer:
    if found is None:
        return SessionScriptAnswer()
    answer = SessionScriptAnswer(script=found.ad, toml=to_toml(found.ad))
    if found.lengths is None:
        return answer
    beats, end = found.lengths.beats, found.lengths.end
    return SessionScriptAnswer(
        script=answer.script,
        toml=answer.toml,
        beat_seconds=[to_seconds(frames) for frames in beats],
        end_seconds=to_seconds(end),
        film_seconds=to_seconds(sum(beats) + end),
    )
