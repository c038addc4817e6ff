"""Webhooks that adreel sends to users when their jobs end."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adreel.domain.accounts.webhooks import WebhookDelivery, WebhookEndpoint
from adreel.routers.common.deps import CurrentUser, ItemId, ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.schemas.webhooks import (
    CreateWebhookRequest,
    Deliveries,
    Delivery,
    Webhook,
    WebhookCreated,
    Webhooks,
)

router = APIRouter(prefix="/api/account/webhooks", tags=["webhooks"])


@router.get("", responses=problems(401))
async def list_webhooks(services: ServicesDep, user: CurrentUser) -> Webhooks:
    """Lists the addresses to which webhooks are sent."""
    return Webhooks(webhooks=[_webhook(each) for each in await services.user_webhooks.list(user.id)])


@router.post("", status_code=201, responses=problems(401, 403, 409, 413))
async def create_webhook(services: ServicesDep, user: CurrentUser, body: CreateWebhookRequest) -> WebhookCreated:
    """Registers an address to which a signed webhook is sent whenever a job ends. The signing secret is returned only once.

    The types are job.completed, job.failed, job.cancelled and webhook.test. Signatures follow the scheme Standard Webhooks:
    headers webhook-id, webhook-timestamp, webhook-signature. 409 for an address that is registered, and beyond 10 of them.
    """
    made = await services.user_webhooks.add(user.id, body.url)
    return WebhookCreated(**_webhook(made.endpoint).model_dump(), secret=made.secret)


@router.delete("/{webhook_id}", status_code=204, responses=problems(401, 403, 404))
async def delete_webhook(services: ServicesDep, user: CurrentUser, webhook_id: ItemId) -> Response:
    """Deletes an address; webhooks that wait for it are not sent."""
    await services.user_webhooks.remove(user.id, webhook_id)
    return Response(status_code=204)


@router.post("/{webhook_id}/test", status_code=202, responses=problems(401, 403, 404))
async def send_test_webhook(services: ServicesDep, user: CurrentUser, webhook_id: ItemId) -> Delivery:
    """Sends a webhook of the type webhook.test soon; its outcome is among the deliveries."""
    return _delivery(await services.user_webhooks.test(user.id, webhook_id))


@router.get("/{webhook_id}/deliveries", responses=problems(401, 404))
async def list_deliveries(services: ServicesDep, user: CurrentUser, webhook_id: ItemId) -> Deliveries:
    """Lists what was and will be sent to an address."""
    found = await services.user_webhooks.deliveries(user.id, webhook_id)
    return Deliveries(deliveries=[_delivery(each) for each in found])


def _webhook(endpoint: WebhookEndpoint) -> Webhook:
    return Webhook(id=endpoint.id, url=endpoint.url, created_at=endpoint.created_at, disabled_at=endpoint.disabled_at)


def _delivery(delivery: WebhookDelivery) -> Delivery:
    return Delivery(
        id=delivery.id,
        type=delivery.type,
        attempts=delivery.attempts,
        status=delivery.status,
        error=delivery.error,
        created_at=delivery.created_at,
        delivered_at=delivery.delivered_at,
        next_at=delivery.next_at,
    )
