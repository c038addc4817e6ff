"""Validates and hashes passwords. Hashing takes half a second on purpose, so it runs in threads."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from pwdlib import PasswordHash

T = TypeVar("T")

MIN_LENGTH = 10
MAX_LENGTH = 200
"""NIST SP 800-63B requires at least eight characters and no rules on kinds; longer input only costs time."""

_AT_ONCE = 2
"""Concurrent hashes, in a separate thread pool so that they block no other work: each takes 64 MB."""


@dataclass
class Passwords:
    """Argon2id. `time_cost` and `memory_kib` as RFC 9106 recommends for memory-constrained machines (64 MiB, 3 passes)."""

    time_cost: int = 3
    memory_kib: int = 65536

    async def hash(self, password: str) -> str:
        """Raises InputError for a password that is too short or too long."""
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise InputError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` matches the hash `known`. Takes as long when `known` is None."""
        if len(password) > MAX_LENGTH:
            return False
        fits = await self._run(lambda: self._hasher.verify(password, known or self._no_account))
        return fits and known is not None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="adreel-password")

    @cached_property
    def _hasher(self) -> PasswordHash:
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher

        return PasswordHash((Argon2Hasher(time_cost=self.time_cost, memory_cost=self.memory_kib, parallelism=1),))

    @property
    def _no_account(self) -> str:
        """The hash to verify for an unknown account: written out instead of computed, so that the first call is no slower."""
        salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
        return f"$argon2id$v=19$m={self.memory_kib},t={self.time_cost},p=1${salt}${digest}"
