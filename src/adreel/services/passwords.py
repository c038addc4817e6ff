"""Passwords: what may be one, and their hashes. Hashing takes half a second on purpose, so it is done in threads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from pwdlib import PasswordHash

MIN_LENGTH = 10
MAX_LENGTH = 200
"""NIST SP 800-63B asks for at least eight characters and no rules on kinds; longer input only costs time."""

_AT_ONCE = 2
"""Hashes computed at the same time: each takes 64 MB."""


@dataclass
class Passwords:
    """Argon2id. `time_cost` and `memory_kib` as RFC 9106 recommends for memory-constrained machines (64 MiB, 3 passes)."""

    time_cost: int = 3
    memory_kib: int = 65536
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def hash(self, password: str) -> str:
        """Raises InputError for a password that is too short or too long."""
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise InputError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, known: str | None) -> bool:
        """Whether `password` is the one hashed in `known`. Takes as long when nothing is known as when something is."""
        if len(password) > MAX_LENGTH:
            return False
        async with self._slots:
            fits = await asyncio.to_thread(self._hasher.verify, password, known or self._nobody)
        return fits and known is not None

    @cached_property
    def _hasher(self) -> PasswordHash:
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher

        return PasswordHash((Argon2Hasher(time_cost=self.time_cost, memory_cost=self.memory_kib, parallelism=1),))

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody has."""
        return self._hasher.hash("no account has this password")
