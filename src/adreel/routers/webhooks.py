"""Webhooks of providers. Providers do not log in: what they send is signed."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request

from adreel.providers import registry
from adreel.routers.common.deps import ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.schemas.service import WebhookTaken

router = APIRouter(prefix="/api/webhooks", tags=["service"])


@router.post("/{provider}", responses=problems(401, 404, 413, 502))
async def take_webhook(provider: str, request: Request, services: ServicesDep) -> WebhookTaken:
    """A provider reports that a job has ended: the waiting step polls at once. 404 for an unknown job."""
    if services.webhooks is None or not services.webhooks.takes(provider):
        raise HTTPException(404, f"no webhooks are taken here: {_why(provider)}")
    taken = await services.webhooks.receive(provider, dict(request.headers), await request.body())
    return WebhookTaken(status=taken)


def _why(provider: str) -> str:
    known = registry.providers().get(provider)
    return "there is no such provider" if known is None else f"no account at {known.label} is set up"
