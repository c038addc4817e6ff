"""Login for the API and the page, with the device cookie if the client has one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from adreel.domain.accounts.user import IssuedToken
from adreel.routers.common.credentials import DEVICE_COOKIE
from adreel.routers.common.services import Services


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new login. `device` is the value of the device cookie from now on."""

    issued: IssuedToken
    device: str


async def log_in(services: Services, request: Request, email: str, password: str) -> LoggedIn:
    """Checks e-mail address and password. Raises AuthError; BusyError after too many failures."""
    device = services.devices.read(request.cookies.get(DEVICE_COOKIE), email)
    client = request.client.host if request.client else "unknown"
    issued = await services.auth.login(email, password, client, device)
    return LoggedIn(issued, services.devices.issue(email, device))
