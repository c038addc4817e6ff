"""More of ``adreel user``: list accounts, disable them, change their roles, list and revoke their API keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.cli.operating.accounts import Email, user, with_accounts
from adreel.cli.tables import table
from adreel.domain.accounts.user import Role
from adreel.domain.costs.money import format_amount

if TYPE_CHECKING:
    from adreel.bootstrap.database import Accounts

_HEAD = ("account", "role", "since", "last used", "sessions", "spent", "")
_KEY_HEAD = ("key", "name", "since", "last used")


@user.command(name="list")
def list_accounts() -> None:
    """List all accounts."""

    async def work(accounts: Accounts) -> list[tuple[str, ...]]:
        return [
            (
                each.email,
                each.role.value,
                _day(each.created_at),
                _day(each.last_used_at),
                str(each.sessions),
                f"${format_amount(each.spent)}",
                "disabled" if each.disabled_at else "",
            )
            for each in await accounts.directory.list()
        ]

    rows = with_accounts(work)
    typer.echo(table(_HEAD, rows, frozenset({4, 5})) if rows else "there are no accounts")


@user.command()
def disable(email: Email) -> None:
    """Refuse an account's logins and keys from now on. Its data stays."""

    async def work(accounts: Accounts) -> None:
        await accounts.directory.disable((await accounts.auth.user(email)).id)

    with_accounts(work)
    typer.echo(f"{email} is disabled")


@user.command()
def enable(email: Email) -> None:
    """Accept a disabled account's logins and keys again."""

    async def work(accounts: Accounts) -> None:
        await accounts.directory.enable((await accounts.auth.user(email)).id)

    with_accounts(work)
    typer.echo(f"{email} is enabled")


@user.command()
def role(email: Email, to: Annotated[Role, typer.Argument(help="An admin manages accounts over the API.")]) -> None:
    """Change an account's role."""

    async def work(accounts: Accounts) -> None:
        await accounts.directory.set_role((await accounts.auth.user(email)).id, to)

    with_accounts(work)
    typer.echo(f"{email} is {'an admin' if to is Role.ADMIN else 'a member'}")


@user.command()
def keys(email: Email) -> None:
    """List an account's API keys: their ids, names and last use."""

    async def work(accounts: Accounts) -> list[tuple[str, ...]]:
        found = await accounts.auth.api_keys((await accounts.auth.user(email)).id)
        return [(key.id, key.name, _day(key.created_at), _day(key.last_used_at)) for key in found]

    rows = with_accounts(work)
    typer.echo(table(_KEY_HEAD, rows) if rows else f"{email} has no API keys")


@user.command()
def revoke(email: Email, key: Annotated[str, typer.Argument(help="Id of the key.")]) -> None:
    """Revoke an API key with immediate effect."""

    async def work(accounts: Accounts) -> None:
        await accounts.auth.revoke_api_key((await accounts.auth.user(email)).id, key)

    with_accounts(work)
    typer.echo(f"{key} is revoked")


def _day(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d}"
