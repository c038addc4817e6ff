"""The service that a Python program opens for its sessions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import SetupError

if TYPE_CHECKING:
    from adreel.bootstrap.core import Core
    from adreel.bootstrap.service import ServiceContext


class OpenService:
    """A service of the local user, in the data folder or the configured database and storage."""

    def __init__(self, open_context: Callable[[], AbstractAsyncContextManager[ServiceContext]], work: Path) -> None:
        """`work` is a folder for temporary files."""
        self._open_context = open_context
        self._work = work
        self._stack: AsyncExitStack | None = None
        self._context: ServiceContext | None = None
        self._user = ""

    async def open(self) -> None:
        """Opens the sessions. Raises SetupError, also when another process uses the same data folder."""
        from adreel.services.accounts.service import AuthService

        async with AsyncExitStack() as stack:
            self._context = await stack.enter_async_context(self._open_context())
            self._user = (await AuthService(self._context.core.database).local_user()).id
            self._stack = stack.pop_all()

    async def close(self) -> None:
        stack, self._stack, self._context = self._stack, None, None
        if stack is not None:
            await stack.aclose()

    @property
    def _opened(self) -> ServiceContext:
        if self._context is None:
            raise SetupError("sessions are not open: use the studio as `async with Studio() as studio`")
        return self._context

    @property
    def _core(self) -> Core:
        return self._opened.core
