"""The files that users store for brand kits and films: logos, fonts, music and recordings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import UserFileRow
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits
from adreel.domain.accounts.stored_brands import BrandSlot, FileKind, UserFile
from adreel.domain.errors import ConflictError, InputError, NotFoundError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.accounts.limits import lock_limits, read_limits, require_room
from adreel.services.brands.rows import brand_rows, file_of, file_rows, lock_user
from adreel.services.deletion.erasure import erase_files

MAX_FILES = 200
"""Files of an account."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A stored file to be recorded under the id `id`."""

    id: str
    kind: FileKind
    name: str
    storage_key: str
    content_hash: str
    content_type: str
    size_bytes: int
    family: str


class UserFiles:
    """Each method is one transaction. `limits` are the defaults of accounts. Raises StorageError."""

    def __init__(
        self, database: Database, clock: Clock = utc_now, make_id: MakeId = new_id, limits: AccountLimits = NO_LIMITS
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._limits = limits

    async def list(self, user_id: str) -> tuple[UserFile, ...]:
        """The user's files, oldest first."""
        async with self._database.reading() as transaction:
            return tuple(file_of(row) for row in (await file_rows(transaction, user_id)).values())

    async def find(self, user_id: str, kind: FileKind, content_hash: str) -> UserFile | None:
        """The user's file with this content."""
        async with self._database.reading() as transaction:
            row = await _same(transaction, user_id, kind, content_hash)
            return None if row is None else file_of(row)

    async def chosen(self, user_id: str, slots: Mapping[BrandSlot, str]) -> Mapping[BrandSlot, UserFile]:
        """The files of these ids. Raises InputError for an id that is not among the user's files, or of another kind."""
        async with self._database.reading() as transaction:
            files = await file_rows(transaction, user_id) if slots else {}
        return {slot: file_of(checked(files, slot, each)) for slot, each in slots.items()}

    async def recordings(self, user_id: str, ids: Collection[str]) -> Mapping[str, UserFile]:
        """The recordings of these ids. Raises InputError for an id that is not among the user's recordings."""
        async with self._database.reading() as transaction:
            files = await file_rows(transaction, user_id) if ids else {}
        for each in ids:
            if each not in files or files[each].kind != FileKind.RECORDING.value:
                raise InputError(f"there is no recording {each}; upload it first, or leave it out of the script")
        return {each: file_of(files[each]) for each in ids}

    async def require_room(self, user_id: str, size: int) -> None:
        """Raises LimitError when the account may not store `size` bytes more. An early check: `add` checks again."""
        async with self._database.reading() as transaction:
            limits = await read_limits(transaction, user_id, self._limits)
            await require_room(transaction, user_id, limits, 0, size)

    async def add(self, user_id: str, new: NewFile) -> UserFile:
        """Records a stored file; returns the one that is there for a content that the user has stored already.

        Raises LimitError beyond the account's bytes, ConflictError beyond `MAX_FILES`.
        """
        async with self._database.writing() as transaction:
            await lock_user(transaction, user_id)
            known = await _same(transaction, user_id, new.kind, new.content_hash)
            if known is not None:
                return file_of(known)
            if len(await file_rows(transaction, user_id)) >= MAX_FILES:
                raise ConflictError(f"an account has {MAX_FILES} files at most; delete some that are no longer needed")
            limits = await lock_limits(transaction, user_id, self._limits)
            await require_room(transaction, user_id, limits, 0, new.size_bytes)
            row = _row(user_id, new)
            row.created_at = self._clock()
            transaction.add(row)
            return file_of(row)

    async def remove(self, user_id: str, file_id: str) -> None:
        """Deletes a file. Raises NotFoundError, ConflictError while a brand kit uses it."""
        async with self._database.writing() as transaction:
            await lock_user(transaction, user_id)
            row = (await file_rows(transaction, user_id)).get(file_id)
            if row is None:
                raise NotFoundError(f"there is no file {file_id}")
            for brand in await brand_rows(transaction, user_id):
                if file_id in brand.files.values():
                    raise ConflictError(f"the brand kit {brand.name!r} uses this file; take it out of the kit first")
            erase_files(transaction, [row.storage_key], self._make_id, self._clock())
            await transaction.delete(row)


def checked(files: Mapping[str, UserFileRow], slot: BrandSlot, file_id: str) -> UserFileRow:
    """The file for a slot. Raises InputError for an id that is not among the files, or of another kind."""
    row = files.get(file_id)
    if row is None:
        raise InputError(f"{slot}: there is no file {file_id}; upload it first")
    if row.kind != slot.kind.value:
        raise InputError(f"{slot}: file {file_id} is of the kind {row.kind}, not {slot.kind}")
    return row


async def _same(transaction: AsyncSession, user_id: str, kind: FileKind, content_hash: str) -> UserFileRow | None:
    query = select(UserFileRow).where(
        UserFileRow.user_id == user_id, UserFileRow.kind == kind.value, UserFileRow.content_hash == content_hash
    )
    return await transaction.scalar(query)


def _row(user_id: str, new: NewFile) -> UserFileRow:
    return UserFileRow(
        id=new.id,
        user_id=user_id,
        kind=new.kind.value,
        name=new.name,
        family=new.family,
        storage_key=new.storage_key,
        content_hash=new.content_hash,
        content_type=new.content_type,
        size_bytes=new.size_bytes,
    )
