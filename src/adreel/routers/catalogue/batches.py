"""Batches: a film for each product of a feed, afterwards only what changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from adreel.domain.catalogues.batch import BatchView, RowState
from adreel.routers.catalogue.answers import batch_answer, preview_answer, problem_answer, row_answer
from adreel.routers.catalogue.schemas import (
    BatchAnswer,
    BatchesAnswer,
    BatchProblemsAnswer,
    BatchRowsAnswer,
    CreateBatchRequest,
    PreviewAnswer,
    PreviewRequest,
    ResumeRequest,
)
from adreel.routers.catalogue.upload import digest_of, form_of, received_feed
from adreel.routers.common.deps import (
    CurrentGrant,
    CurrentUser,
    Cursor,
    IdempotentDep,
    ItemId,
    Limit,
    OptionsDep,
    ResponsesDep,
    ServicesDep,
)
from adreel.routers.common.problems import problems
from adreel.routers.schemas.sessions import Ticket
from adreel.services.receipts import Receipt

router = APIRouter(prefix="/api/batches", tags=["batches"])

After = Annotated[int, Query(ge=-1, le=2_000_000_000, description="`next_after` of the previous page")]


@router.post(
    "",
    status_code=202,
    response_model=BatchAnswer,
    responses=problems(401, 402, 403, 409, 413, 415, 502),
    openapi_extra=form_of("CreateBatchRequest"),
)
async def create_batch(
    request: Request, services: ServicesDep, options: OptionsDep, user: CurrentUser, idempotent: IdempotentDep
) -> Response:
    """Begins a batch: plans its films in the background, then makes those that are new or changed.

    Send JSON with the feed's `url`, or a form with the feed as the file `feed` and the JSON in the field `order`. 409 while
    another batch of the catalogue is not over, and above a limit: a feed may have so many rows and bytes, and its films may cost
    so much. Those that are found while the feed is read end the batch as failed, with the same words.
    """
    async with received_feed(request, CreateBatchRequest, options, services.space) as (body, source):

        async def create(receipt: Receipt[BatchView]) -> BatchView:
            return await services.catalogues.commands.create(user.id, body.catalogue, body.order(), source, receipt)

        def shape(view: BatchView) -> BatchAnswer:
            return batch_answer(view, services.catalogues.price)

        return await idempotent.answer(await digest_of(body, source), create, shape, 202)


@router.post(
    "/preview", responses=problems(401, 403, 409, 413, 415, 502), openapi_extra=form_of("PreviewRequest", json=False)
)
async def preview_batch(
    request: Request, services: ServicesDep, options: OptionsDep, user: CurrentUser
) -> PreviewAnswer:
    """Reads the first rows of a feed: its columns, which field each is taken for, the products, and the problems by row and
    field. Stores nothing and looks at no photo. Send a form, or JSON with the feed's `url`. For all rows, new and changed films
    and what they cost, see `dry_run`.
    """
    async with (
        received_feed(request, PreviewRequest, options, services.space) as (body, source),
        services.checking.acquire(user.id),
    ):
        return preview_answer(await services.catalogues.commands.preview(body.order(), source, body.rows))


@router.get("", responses=problems(401))
async def list_batches(
    services: ServicesDep, user: CurrentUser, limit: Limit = 20, cursor: Cursor = None
) -> BatchesAnswer:
    """Lists the user's batches, newest first."""
    page = await services.catalogues.batches.list(user.id, limit, cursor)
    price = services.catalogues.price
    return BatchesAnswer(batches=[batch_answer(each, price) for each in page.items], next_cursor=page.cursor)


@router.get("/{batch_id}", responses=problems(401, 404))
async def get_batch(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> BatchAnswer:
    """Returns a batch: its state, its progress, its films by state and what they cost."""
    return batch_answer(await services.catalogues.batches.get(user.id, batch_id), services.catalogues.price)


@router.get("/{batch_id}/rows", responses=problems(401, 404))
async def list_batch_rows(
    services: ServicesDep,
    user: CurrentUser,
    responses: ResponsesDep,
    batch_id: ItemId,
    state: RowState | None = None,
    after: After = -1,
    limit: Limit = 50,
) -> BatchRowsAnswer:
    """Lists the films of a batch in the order of the feed, those in one state where `state` is given."""
    rows, following = await services.catalogues.results.rows(user.id, batch_id, after, limit, state)
    return BatchRowsAnswer(rows=[row_answer(each, responses) for each in rows], next_after=following)


@router.get("/{batch_id}/problems", responses=problems(401, 404))
async def list_batch_problems(
    services: ServicesDep, user: CurrentUser, batch_id: ItemId, after: After = -1, limit: Limit = 50
) -> BatchProblemsAnswer:
    """Lists the errors and notes by row and field: of the feed, then of making the films."""
    found, following = await services.catalogues.results.problems(user.id, batch_id, after, limit)
    return BatchProblemsAnswer(problems=[problem_answer(each) for each in found], next_after=following)


@router.post("/{batch_id}/pause", responses=problems(401, 403, 404, 409))
async def pause_batch(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> BatchAnswer:
    """Pauses a batch: films that are being made are finished, no other is begun. 409 unless it is running."""
    return batch_answer(await services.catalogues.commands.pause(user.id, batch_id), services.catalogues.price)


@router.post("/{batch_id}/resume", responses=problems(401, 403, 404, 409))
async def resume_batch(
    services: ServicesDep, user: CurrentUser, batch_id: ItemId, body: ResumeRequest | None = None
) -> BatchAnswer:
    """Lets a batch go on that was paused, only planned, or failed: it makes the films that are missing. 409 for any other."""
    confirmed = body is not None and body.rights_confirmed
    view = await services.catalogues.commands.resume(user.id, batch_id, rights_confirmed=confirmed)
    return batch_answer(view, services.catalogues.price)


@router.post("/{batch_id}/cancel", responses=problems(401, 403, 404, 409))
async def cancel_batch(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> BatchAnswer:
    """Cancels a batch: films that are made stay. 409 when it is over."""
    return batch_answer(await services.catalogues.commands.cancel(user.id, batch_id), services.catalogues.price)


@router.post("/{batch_id}/retry", responses=problems(401, 403, 404, 409))
async def retry_batch(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> BatchAnswer:
    """Makes the films again that failed while they were made. 409 while the batch is at work, and when none failed.

    Rows that could not be read need a corrected feed, and so a new batch: it makes those films and leaves the others as they are.
    """
    return batch_answer(await services.catalogues.commands.retry(user.id, batch_id), services.catalogues.price)


@router.delete("/{batch_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def delete_batch(services: ServicesDep, user: CurrentUser, batch_id: ItemId) -> Response:
    """Deletes a batch with its feed and its films, except films that another batch of the catalogue has. 409 while it is at work:
    cancel it first."""
    await services.catalogues.commands.delete(user.id, batch_id)
    await services.deletions.soon(batch_id)
    await services.deletions.soon()
    return Response(status_code=204)


@router.post("/{batch_id}/ticket", responses=problems(401, 403, 404))
async def create_batch_ticket(
    services: ServicesDep, options: OptionsDep, grant: CurrentGrant, batch_id: ItemId
) -> Ticket:
    """Issues a ticket for the batch's WebSocket, to which browsers cannot send headers. Void once the login ends."""
    await services.catalogues.batches.get(grant.user.id, batch_id)
    ticket = services.tickets.issue(grant, batch_id, options.ticket_seconds)
    return Ticket(ticket=ticket, expires_in=options.ticket_seconds)
