"""``adreel webhook``: where the service sends a signed webhook when a job ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adreel.cli.operating.accounts import with_accounts
from adreel.cli.tables import table

if TYPE_CHECKING:
    from adreel.bootstrap.database import Accounts

webhook = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Manage the webhooks that are sent when jobs end."
)

Owner = Annotated[
    str | None,
    typer.Option("--user", metavar="EMAIL", help="The account; without it, the user of a service without logins."),
]
EndpointId = Annotated[str, typer.Argument(metavar="ID", help="Id of the webhook, as `adreel webhook list` prints it.")]


@webhook.command()
def add(url: Annotated[str, typer.Argument(help="An https address.")], user: Owner = None) -> None:
    """Send webhooks to an address. Prints the id and the secret that signs them, which is shown only once."""

    async def work(accounts: Accounts) -> tuple[str, str]:
        made = await accounts.webhooks.add(await _owner(accounts, user), url)
        return made.endpoint.id, made.secret

    made, secret = with_accounts(work)
    typer.echo(f"id      {made}\nsecret  {secret}")


@webhook.command(name="list")
def list_webhooks(user: Owner = None) -> None:
    """List the addresses to which webhooks are sent."""

    async def work(accounts: Accounts) -> list[tuple[str, ...]]:
        found = await accounts.webhooks.list(await _owner(accounts, user))
        return [(each.id, each.url, "disabled: it answered 410" if each.disabled_at else "") for each in found]

    rows = with_accounts(work)
    typer.echo(table(("webhook", "address", ""), rows) if rows else "no webhooks are sent")


@webhook.command()
def remove(webhook_id: EndpointId, user: Owner = None) -> None:
    """Send no more webhooks to an address."""

    async def work(accounts: Accounts) -> None:
        await accounts.webhooks.remove(await _owner(accounts, user), webhook_id)

    with_accounts(work)
    typer.echo(f"{webhook_id} is removed")


@webhook.command(name="test")
def send_test(webhook_id: EndpointId, user: Owner = None) -> None:
    """Send a webhook of the type webhook.test: the running service or worker does so."""

    async def work(accounts: Accounts) -> str:
        return (await accounts.webhooks.test(await _owner(accounts, user), webhook_id)).id

    typer.echo(f"{with_accounts(work)} is sent as soon as adreel serve or adreel worker runs")


@webhook.command()
def deliveries(webhook_id: EndpointId, user: Owner = None) -> None:
    """List the newest webhooks to an address and how they ended."""

    async def work(accounts: Accounts) -> list[tuple[str, ...]]:
        found = await accounts.webhooks.deliveries(await _owner(accounts, user), webhook_id)
        return [
            (each.id, each.type, str(each.attempts), "delivered" if each.delivered_at else each.error or "waiting")
            for each in found
        ]

    rows = with_accounts(work)
    typer.echo(table(("delivery", "type", "attempts", "state"), rows) if rows else "nothing was sent yet")


async def _owner(accounts: Accounts, email: str | None) -> str:
    """The id of an account. Raises NotFoundError."""
    found = await (accounts.auth.local_user() if email is None else accounts.auth.user(email))
    return found.id
