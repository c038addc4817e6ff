"""Replicate's endpoints."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from adreel.testing.replicate.admission import admit, lose_answer, note, world_of
from adreel.testing.replicate.clock import iso, rounded
from adreel.testing.replicate.faults import Call, Operation
from adreel.testing.replicate.models import ModelCard
from adreel.testing.replicate.outputs import pieces
from adreel.testing.replicate.predictions import Prediction, stage
from adreel.testing.replicate.problems import BrokenConnection, Problem
from adreel.testing.replicate.world import FILE_SECONDS, PredictionRequest, Upload, World

Json = dict[str, Any]

router = APIRouter(prefix="/v1")

_LARGEST_FILE = 100 * 1024 * 1024
_TICK = 0.01
_UNITS = {"s": 1, "m": 60, "h": 3600}


@router.post("/predictions")
async def create(request: Request) -> Response:
    body = await _body(request)
    version = str(body.get("version", ""))
    return await _create(request, world_of(request).card_of_version(version), body)


@router.post("/models/{owner}/{name}/predictions")
async def create_official(request: Request, owner: str, name: str) -> Response:
    card = world_of(request).models.get(f"{owner}/{name}")
    return await _create(request, None if card is None or card.community else card, await _body(request))


async def _body(request: Request) -> Json:
    try:
        body: object = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(cast("Json", body).get("input"), dict):
        raise Problem(422, "Input validation failed", "input: a JSON object is required", invalid_fields=[])
    return cast("Json", body)


async def _create(request: Request, card: ModelCard | None, body: Json) -> Response:
    given = cast("Json", body["input"])
    call = Call("create", card.name if card else None, given.get("seed"))
    await admit(request, call)
    if card is None:
        raise Problem(404, "Not found", "The requested resource could not be found.")
    problems = card.problems(given)
    if problems:
        lines = "\n".join(f"- {problem['field']}: {problem['description']}" for problem in problems)
        raise Problem(422, "Input validation failed", lines, invalid_fields=problems)
    world = world_of(request)
    after = _seconds(request.headers.get("cancel-after"))
    prediction = world.accept(
        PredictionRequest(card, given, body.get("webhook"), body.get("webhook_events_filter"), after)
    )
    lose_answer(request, call)
    await _hold(world, prediction, request.headers.get("prefer", ""))
    return JSONResponse(world.view(prediction), 201)


def _seconds(text: str | None) -> float | None:
    """A length of time as 90s, 15m or 1h."""
    found = re.fullmatch(r"(\d+)([smh]?)", text or "")
    return float(found[1]) * _UNITS[found[2] or "s"] if found else None


async def _hold(world: World, prediction: Prediction, prefer: str) -> None:
    """Waits for the end of a prediction when the caller would rather wait."""
    found = re.fullmatch(r"wait(?:=(\d+))?", prefer)
    seconds = int(found[1] or 60) if found else 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await _until(lambda: stage(prediction, world.clock.now()).completed_at is not None)


async def _until(happened: Callable[[], bool]) -> None:
    """Looks again and again: the stand-in's clock may jump at any time, so no sleep of the right length exists."""
    while True:
        if happened():
            return
        await asyncio.sleep(_TICK)


@router.get("/predictions")
async def list_predictions(request: Request) -> Response:
    await admit(request, Call("list"))
    world = world_of(request)
    found = list(reversed(world.predictions.values()))
    after, before = (_moment(request, name) for name in ("created_after", "created_before"))
    shown, listed = world.clock.shown, world.clock.now() - world.rules.list_lag
    found = [each for each in found if each.created_at <= listed]
    found = [each for each in found if after is None or rounded(shown(each.created_at)) > after]
    found = [each for each in found if before is None or rounded(shown(each.created_at)) < before]
    start = int(request.query_params.get("cursor", "0"))
    end = start + world.rules.page_size
    following = str(request.url.include_query_params(cursor=end)) if end < len(found) else None
    return JSONResponse(
        {"previous": None, "next": following, "results": [world.view(each) for each in found[start:end]]}
    )


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(400, "Bad request", f"{name} must be a time as ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@router.get("/predictions/{prediction_id}")
async def get_prediction(request: Request, prediction_id: str) -> Response:
    prediction = await _known(request, "get", prediction_id)
    return JSONResponse(world_of(request).view(prediction))


@router.post("/predictions/{prediction_id}/cancel")
async def cancel(request: Request, prediction_id: str) -> Response:
    prediction = await _known(request, "cancel", prediction_id)
    world_of(request).cancel(prediction)
    return JSONResponse(world_of(request).view(prediction))


async def _known(request: Request, operation: Operation, prediction_id: str) -> Prediction:
    prediction = world_of(request).predictions.get(prediction_id)
    await admit(request, _call(operation, prediction))
    if prediction is None:
        raise Problem(404, "Not found", "The requested resource could not be found.")
    return prediction


def _call(operation: Operation, prediction: Prediction | None) -> Call:
    return Call(operation, prediction.model, prediction.seed) if prediction else Call(operation)


@router.get("/models/{owner}/{name}")
async def get_model(request: Request, owner: str, name: str) -> Response:
    return JSONResponse((await _model(request, owner, name)).describe())


@router.get("/models/{owner}/{name}/versions/{version}")
async def get_version(request: Request, owner: str, name: str, version: str) -> Response:
    card = await _model(request, owner, name)
    if version != card.version:
        raise Problem(404, "Not found", "The requested resource could not be found.")
    return JSONResponse(card.describe()["latest_version"])


async def _model(request: Request, owner: str, name: str) -> ModelCard:
    await admit(request, Call("model", f"{owner}/{name}"))
    card = world_of(request).models.get(f"{owner}/{name}")
    if card is None:
        raise Problem(404, "Not found", "The requested resource could not be found.")
    return card


@router.get("/webhooks/default/secret")
async def webhook_secret(request: Request) -> Response:
    await admit(request, Call("secret"))
    return JSONResponse({"key": world_of(request).webhook_secret})


@router.post("/files")
async def upload(request: Request) -> Response:
    await admit(request, Call("files"))
    async with request.form() as form:
        part = form.get("content")
        if not isinstance(part, UploadFile):
            raise Problem(422, "Input validation failed", "content: a file is required", invalid_fields=[])
        content = await part.read()
        if len(content) > _LARGEST_FILE:
            raise Problem(413, "Payload too large", "Files may have 100 MiB at most.")
        kind = part.content_type or "application/octet-stream"
        stored = world_of(request).upload(part.filename or "file", kind, content)
    lose_answer(request, Call("files"))
    return JSONResponse(_file_view(request, stored), 201)


@router.get("/files")
async def list_files(request: Request) -> Response:
    await admit(request, Call("files"))
    world = world_of(request)
    present = [file for file in world.uploads.values() if world.find_upload(file.id)]
    return JSONResponse({"previous": None, "next": None, "results": [_file_view(request, file) for file in present]})


@router.get("/files/{file_id}")
async def get_file(request: Request, file_id: str) -> Response:
    return JSONResponse(_file_view(request, await _known_file(request, file_id)))


@router.delete("/files/{file_id}")
async def delete_file(request: Request, file_id: str) -> Response:
    file = await _known_file(request, file_id)
    world_of(request).remove_upload(file.id)
    return Response(status_code=204)


async def _known_file(request: Request, file_id: str) -> Upload:
    await admit(request, Call("files"))
    file = world_of(request).find_upload(file_id)
    if file is None:
        raise Problem(404, "Not found", "The requested resource could not be found.")
    return file


def _file_view(request: Request, file: Upload) -> Json:
    shown = world_of(request).clock.shown
    digest = hashlib.sha256(file.content).hexdigest()
    return {
        "id": file.id,
        "name": file.name,
        "content_type": file.content_type,
        "size": len(file.content),
        "etag": digest[:32],
        "checksums": {"sha256": digest},
        "metadata": {},
        "created_at": iso(shown(file.created_at)),
        "expires_at": iso(shown(file.created_at + FILE_SECONDS)),
        "urls": {"get": f"{world_of(request).addresses.api}/files/{file.id}"},
    }


@router.get("/stream/{prediction_id}")
async def stream(request: Request, prediction_id: str) -> Response:
    """A language model's words as they come. It needs no token, like the real one's host for streams."""
    world = world_of(request)
    prediction = world.predictions.get(prediction_id)
    call = _call("stream", prediction)
    note(request, call)
    if prediction is None or prediction.makes != "text":
        raise Problem(404, "Not found", "The requested resource could not be found.")
    broken = world.faults.take(call, "drop") is not None
    if broken and not pieces(prediction.text):
        raise BrokenConnection
    return StreamingResponse(_events(world, prediction, broken), media_type="text/event-stream")


async def _events(world: World, prediction: Prediction, broken: bool) -> AsyncIterator[str]:
    words = pieces(prediction.text)
    await _until(lambda: stage(prediction, world.clock.now()).status != "starting")
    if prediction.outcome == "failed":
        yield _event("error", prediction.error or "failed", 0)
        return
    for index, word in enumerate(words):
        if broken and index == len(words) // 2:
            raise BrokenConnection
        yield _event("output", word, index)
    await _until(lambda: stage(prediction, world.clock.now()).completed_at is not None)
    yield _event("done", "{}", len(words))


def _event(kind: str, text: str, number: int) -> str:
    data = "\n".join(f"data: {line}" for line in text.split("\n"))
    return f"event: {kind}\nid: {number}:0\n{data}\n\n"
