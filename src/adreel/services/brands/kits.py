"""The brand kits of the service's users."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.locks import lock_own_session
from adreel.db.tables import BrandRow, SessionRow
from adreel.domain.accounts.stored_brands import BrandSlot, StoredBrand
from adreel.domain.brand import BrandKit
from adreel.domain.errors import ConflictError, InputError, NotFoundError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.brands.checks import check_words
from adreel.services.brands.files import checked
from adreel.services.brands.rows import brand_of, brand_rows, file_rows, lock_user, remove_unused, words_of
from adreel.services.deletion.erasure import erase_files

MAX_BRANDS = 50
"""Brand kits of an account."""

Slots = Mapping[BrandSlot, str]
"""The ids of a kit's files."""


class BrandService:
    """Each method is one transaction. Raises StorageError."""

    def __init__(self, database: Database, clock: Clock = utc_now, make_id: MakeId = new_id) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id

    async def list(self, user_id: str) -> tuple[StoredBrand, ...]:
        """The user's kits by name."""
        async with self._database.reading() as transaction:
            rows, files = await brand_rows(transaction, user_id), await file_rows(transaction, user_id)
            return tuple(brand_of(row, files) for row in rows)

    async def get(self, user_id: str, name: str) -> StoredBrand:
        """Raises NotFoundError."""
        found = await self.find(user_id, name)
        if found is None:
            raise NotFoundError(f"there is no brand kit {name!r}")
        return found

    async def find(self, user_id: str, name: str) -> StoredBrand | None:
        """The user's kit of this name."""
        async with self._database.reading() as transaction:
            row = await transaction.get(BrandRow, (user_id, name))
            return None if row is None else brand_of(row, await file_rows(transaction, user_id))

    async def add(self, user_id: str, kit: BrandKit, files: Slots) -> StoredBrand:
        """Stores a new kit.

        Raises InputError, TextError or MusicError for a kit that cannot be used, ConflictError for a name that is taken and
        beyond `MAX_BRANDS`.
        """
        await asyncio.to_thread(check_words, kit)
        async with self._database.writing() as transaction:
            await lock_user(transaction, user_id)
            known = await brand_rows(transaction, user_id)
            _check_new(kit.name, [row.name for row in known])
            now = self._clock()
            row = BrandRow(user_id=user_id, name=kit.name, created_at=now)
            transaction.add(row)
            return await self._written(transaction, row, kit, files)

    async def replace(self, user_id: str, kit: BrandKit, files: Slots) -> StoredBrand:
        """Replaces the kit of this name; files that no kit uses any more are deleted. Raises as `add`, and NotFoundError."""
        await asyncio.to_thread(check_words, kit)
        async with self._database.writing() as transaction:
            await lock_user(transaction, user_id)
            row = await _own(transaction, user_id, kit.name)
            before = list(row.files.values())
            written = await self._written(transaction, row, kit, files)
            await self._erase_unused(transaction, user_id, before)
            return written

    async def remove(self, user_id: str, name: str) -> None:
        """Deletes a kit, and its files that no other kit uses; sessions with it have no brand from then on. Raises
        NotFoundError."""
        async with self._database.writing() as transaction:
            await transaction.execute(
                update(SessionRow)
                .where(SessionRow.user_id == user_id, SessionRow.brand_kit == name)
                .values(brand_kit=None)
            )
            await lock_user(transaction, user_id)
            row = await _own(transaction, user_id, name)
            before = list(row.files.values())
            await transaction.delete(row)
            await self._erase_unused(transaction, user_id, before)

    async def choose(self, user_id: str, session_id: str, name: str | None) -> None:
        """Sets the brand of a session's films, None for none. Raises NotFoundError, InputError for an unknown kit."""
        async with self._database.writing() as transaction:
            session = await lock_own_session(transaction, user_id, session_id)
            if session.brand_kit == name:
                return
            await lock_user(transaction, user_id)
            if name is not None:
                _check_known(name, [row.name for row in await brand_rows(transaction, user_id)])
            session.brand_kit, session.updated_at = name, self._clock()

    async def _written(self, transaction: AsyncSession, row: BrandRow, kit: BrandKit, files: Slots) -> StoredBrand:
        known = await file_rows(transaction, row.user_id)
        row.files = {slot.value: checked(known, slot, each).id for slot, each in files.items()}
        row.words, row.updated_at = words_of(kit), self._clock()
        return brand_of(row, known)

    async def _erase_unused(self, transaction: AsyncSession, user_id: str, ids: Sequence[str]) -> None:
        files = await file_rows(transaction, user_id)
        keys = await remove_unused(transaction, user_id, ids, files)
        if keys:
            erase_files(transaction, keys, self._make_id, self._clock())


def _check_new(name: str, known: Sequence[str]) -> None:
    if name in known:
        raise ConflictError(f"there is a brand kit {name!r} already; choose another name, or replace it")
    if len(known) >= MAX_BRANDS:
        raise ConflictError(f"an account has {MAX_BRANDS} brand kits at most; delete one first")


def _check_known(name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise InputError(f"there is no brand kit {name!r}; there are: {', '.join(known) or 'none'}")


async def _own(transaction: AsyncSession, user_id: str, name: str) -> BrandRow:
    row = await transaction.get(BrandRow, (user_id, name))
    if row is None:
        raise NotFoundError(f"there is no brand kit {name!r}")
    return row
