"""The host of outputs: no token, another address than the API's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adreel.testing.replicate.admission import note, strike, world_of
from adreel.testing.replicate.faults import Call
from adreel.testing.replicate.outputs import ODDITIES, content_of, media_type, names_of
from adreel.testing.replicate.predictions import is_removed
from adreel.testing.replicate.problems import CutShort, Problem

if TYPE_CHECKING:
    from adreel.testing.replicate.predictions import Prediction

router = APIRouter()

_ODDITIES_OF = {"video": ODDITIES, "speech": ("black", "short")}
"""Faults of sound files, by the kind of the model."""


@router.get("/outputs/{prediction_id}/{name}")
async def output(request: Request, prediction_id: str, name: str) -> Response:
    world = world_of(request)
    prediction = world.predictions.get(prediction_id)
    call = Call("output", prediction.model, prediction.seed) if prediction else Call("output")
    note(request, call)
    if prediction is None or not _is_there(request, prediction, name):
        raise Problem(404, "Not found", "The file is not there (any more).")
    odd = world.faults.take(call, *_ODDITIES_OF.get(prediction.makes, ()))
    oddity = odd.fault if odd else None
    content = await asyncio.to_thread(content_of, prediction, world.models[prediction.model], name, oddity)
    return await _answer(request, call, content, media_type(name))


def _is_there(request: Request, prediction: Prediction, name: str) -> bool:
    world = world_of(request)
    gone = is_removed(prediction, world.clock.now())
    return world.is_done(prediction) and not gone and name in names_of(prediction)


async def _answer(request: Request, call: Call, content: bytes, kind: str) -> Response:
    """The file, or what a fault makes of it."""
    faults = world_of(request).faults
    slow = faults.take(call, "latency")
    if slow:
        await asyncio.sleep(slow.seconds)
    strike(faults.take(call, "server_error", "drop"))
    fault = faults.take(call, "corrupt", "truncated", "wrong_length", "empty", "redirect", "missing")
    match fault.fault if fault else None:
        case "corrupt":
            return Response(bytes(byte ^ 0x5A for byte in content), media_type=kind)
        case "truncated":
            return Response(content[: len(content) // 2], media_type=kind)
        case "wrong_length":
            return CutShort(content, media_type=kind)
        case "empty":
            return Response(b"", media_type=kind)
        case "redirect":
            return RedirectResponse(fault.text if fault else "", 302)
        case "missing":
            raise Problem(404, "Not found", "The file is not there.")
        case _:
            return Response(content, media_type=kind)
