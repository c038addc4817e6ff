"""``adreel user``: accounts of the service. Passwords are asked for, or read from standard input; never an argument."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from adreel.services.auth_service import AuthService

T = TypeVar("T")

user = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look after the accounts of the service.")

Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]


@user.command()
def add(email: Email) -> None:
    """Add an account."""
    password = _password()
    added = _with_auth(lambda auth: auth.register(email, password))
    typer.echo(f"{added.email} can log in now")


@user.command()
def password(email: Email) -> None:
    """Set a new password and end every login of the account."""
    new = _password()
    _with_auth(lambda auth: auth.change_password(email, new))
    typer.echo(f"{email} has a new password")


@user.command()
def key(email: Email, name: Annotated[str, typer.Option(help="What the key is for.")] = "") -> None:
    """Issue an API key for programs. It is shown this once."""

    async def issue(auth: AuthService) -> str:
        owner = await auth.user(email)
        return (await auth.create_api_key(owner.id, name)).token

    typer.echo(_with_auth(issue))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _with_auth(work: Callable[[AuthService], Awaitable[T]]) -> T:
    from adreel.bootstrap.database import open_accounts
    from adreel.settings import read_settings

    async def run() -> T:
        async with open_accounts(read_settings()) as auth:
            return await work(auth)

    return asyncio.run(run())
