"""``adreel user``: accounts of the service. Passwords are prompted for or read from standard input, never an argument."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from adreel.domain.accounts.user import Role

if TYPE_CHECKING:
    from adreel.bootstrap.database import Accounts
    from adreel.services.accounts.service import AuthService

T = TypeVar("T")

user = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Manage the accounts of the service.",
)

Limit = Annotated[str | None, typer.Option(metavar="N", help='A number, "unlimited" or "default".')]
Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]


@user.command()
def add(email: Email, role: Annotated[Role, typer.Option(help="An admin manages accounts.")] = Role.MEMBER) -> None:
    """Add an account."""
    password = _password()
    added = _with_auth(lambda auth: auth.register(email, password, role))
    typer.echo(f"{added.email} can log in now")


@user.command()
def password(email: Email) -> None:
    """Set a new password and end every login of the account."""
    new = _password()
    _with_auth(lambda auth: auth.change_password(email, new))
    typer.echo(f"{email} has a new password")


@user.command()
def key(email: Email, name: Annotated[str, typer.Option(help="What the key is for.")] = "") -> None:
    """Issue an API key for programs. It is shown only once."""

    async def issue(auth: AuthService) -> str:
        owner = await auth.user(email)
        return (await auth.create_api_key(owner.id, name)).token

    typer.echo(_with_auth(issue))


@user.command()
def limits(
    email: Email,
    sessions: Limit = None,
    sessions_per_hour: Limit = None,
    stored_mb: Limit = None,
    jobs: Limit = None,
    photos: Limit = None,
    keys: Limit = None,
    dollars_per_day: Limit = None,
) -> None:
    """Show the usage and limits of an account, or set limits.

    A limit is a number, "unlimited", or "default" for the value of the settings.
    """
    options = {
        "sessions": sessions,
        "sessions_per_hour": sessions_per_hour,
        "stored_mb": stored_mb,
        "jobs": jobs,
        "photos": photos,
        "keys": keys,
        "dollars_per_day": dollars_per_day,
    }
    _limits(email, {name: text for name, text in options.items() if text is not None})


@user.command()
def budget(
    email: Email,
    dollars: Annotated[
        str, typer.Argument(help='US dollars, "unlimited", or "default" for the value of the settings.')
    ],
) -> None:
    """Set the highest budget that an account may set for itself: the most that it may spend in total."""
    _limits(email, {"budget": dollars})


def _limits(email: str, texts: Mapping[str, str]) -> None:
    from adreel.cli.operating.limits import describe, set_limits

    async def work(accounts: Accounts) -> list[str]:
        owner = await accounts.auth.user(email)
        await set_limits(accounts.limits, owner.id, texts)
        return describe(await accounts.limits.limits(owner.id), await accounts.limits.usage(owner.id))

    for line in with_accounts(work):
        typer.echo(line)


@user.command()
def export(
    email: Email,
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file when it exists.")] = False,
) -> None:
    """Write all data of an account to a zip file: JSON, photos, images, clips and films."""
    import asyncio

    from adreel.agents.output import Existing
    from adreel.bootstrap.accounts import export_account
    from adreel.bootstrap.settings import read_settings

    existing = Existing.REPLACE if overwrite else Existing.REFUSE
    written = asyncio.run(export_account(read_settings(), email, out, existing))
    typer.echo(f"{written} contains all data of {email}")


@user.command()
def delete(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete an account with all its sessions, films, logins and keys. Running jobs are stopped."""
    import asyncio

    from adreel.bootstrap.accounts import delete_account
    from adreel.bootstrap.settings import read_settings

    if not yes:
        typer.confirm(f"Delete {email} and all its data?", abort=True)
    deleted = asyncio.run(delete_account(read_settings(), email))
    later = (
        "" if not deleted.pending else f"; {deleted.pending} deletions continue when adreel serve or adreel worker runs"
    )
    typer.echo(f"{email} is deleted, with {deleted.sessions} sessions{later}")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _with_auth(work: Callable[[AuthService], Awaitable[T]]) -> T:
    return with_accounts(lambda accounts: work(accounts.auth))


def with_accounts(work: Callable[[Accounts], Awaitable[T]]) -> T:
    """Runs `work` with the services of accounts."""
    import asyncio

    from adreel.bootstrap.database import open_accounts
    from adreel.bootstrap.settings import read_settings

    async def run() -> T:
        async with open_accounts(read_settings()) as accounts:
            return await work(accounts)

    return asyncio.run(run())
