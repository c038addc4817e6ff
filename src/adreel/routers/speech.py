"""Spoken lines, to listen to."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from adreel.domain.scripts.ad_format.reading import LONGEST_TEXT
from adreel.routers.common.deps import CurrentUser, ServicesDep, SessionId
from adreel.routers.common.problems import problems
from adreel.routers.schemas.speech import SayRequest

router = APIRouter(tags=["speech"])

_TYPE = "audio/wav"
_SOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The line, 48 kHz, one channel",
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}

BeatName = Annotated[str, Path(max_length=LONGEST_TEXT, examples=["hook"])]


@router.post("/api/say", response_class=Response, responses={**problems(401, 403, 404, 413, 429), **_SOUND})
async def say(services: ServicesDep, user: CurrentUser, body: SayRequest) -> Response:
    """Speaks a line of English and returns the sound. Nothing is stored or bought.

    A line in another language, one without words, and a pronunciation that the voice does not know are 422. 429 when many lines
    wait; users take turns.
    """
    sound = await services.spoken_lines.say(
        user.id,
        body.text,
        brand_kit=body.brand_kit,
        session_id=body.session_id,
        pronunciations=body.pronunciations,
        speed=body.speed,
    )
    return _answer(sound)


@router.get(
    "/api/sessions/{session_id}/script/lines/{beat}",
    response_class=Response,
    responses={**problems(401, 404, 429), **_SOUND},
)
async def get_spoken_line(services: ServicesDep, user: CurrentUser, session_id: SessionId, beat: BeatName) -> Response:
    """Returns the line of a beat of the session's script as its film would speak it: its recording, or the offline voice with the
    pronunciations of the session's brand kit. 404 for a beat without a line."""
    return _answer(await services.spoken_lines.line(user.id, session_id, beat))


def _answer(sound: bytes) -> Response:
    etag = f'"{hashlib.sha256(sound).hexdigest()[:32]}"'
    return Response(sound, media_type=_TYPE, headers={"etag": etag})
