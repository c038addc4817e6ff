"""What providers tell the service. They do not log in: what they send is signed."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request

from adreel.routers.deps import ServicesDep
from adreel.routers.problems import problems
from adreel.routers.schemas.service import WebhookTaken

router = APIRouter(prefix="/api/webhooks", tags=["service"])


@router.post("/replicate", responses=problems(401, 404, 413, 502))
async def take_replicate_webhook(request: Request, services: ServicesDep) -> WebhookTaken:
    """Replicate says that a prediction has ended: whoever waits for it looks at once. 404 for one that is not known (yet)."""
    if services.webhooks is None:
        raise HTTPException(404, "no webhooks are taken here: no account at Replicate is set up")
    taken = await services.webhooks.receive(dict(request.headers), await request.body())
    return WebhookTaken(status=taken)
