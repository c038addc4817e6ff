"""Authenticates those who open a WebSocket."""

from __future__ import annotations

from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from adreel.domain.errors import AuthError, NotFoundError
from adreel.routers.common.credentials import Redeemed
from adreel.routers.common.deps import is_id
from adreel.routers.common.options import AppOptions
from adreel.routers.common.services import Services


async def close_socket(socket: WebSocket, code: int, reason: str | None = None) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code, reason)


async def listener_of(
    services: Services, options: AppOptions, socket: WebSocket, followed: str, ticket: str | None
) -> Redeemed:
    """Authenticates a listener to `followed`, the id of a session or a batch, by a ticket for it or by a token.

    Whether it is theirs is for the caller to check. Raises AuthError, NotFoundError.
    """
    if not is_id(followed):
        raise NotFoundError("there is no such session")
    if not options.auth_required:
        return Redeemed((await services.auth.local_user()).id, None)
    if ticket is not None:
        return await _redeemed(services, followed, ticket)
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise AuthError("log in first")
    grant = await services.auth.grant(token.strip())
    return Redeemed(grant.user.id, grant.token_id)


async def _redeemed(services: Services, followed: str, ticket: str) -> Redeemed:
    """Raises AuthError for an invalid ticket, or one whose login has ended."""
    redeemed = services.tickets.redeem(ticket, followed)
    if redeemed.token_id is None:
        raise AuthError("the ticket was issued before the login was switched on; request a new one")
    await services.auth.check_token(redeemed.token_id)
    return redeemed
