"""Rows of brand kits and of users' files, within a transaction that the caller opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import BrandRow, UserFileRow, UserRow
from adreel.domain.accounts.stored_brands import BrandSlot, FileKind, StoredBrand, UserFile
from adreel.domain.brand import BrandKit
from adreel.services.brands.checks import TEXTS

_SAID = "pronunciations"


async def lock_user(transaction: AsyncSession, user_id: str) -> None:
    """Locks the user's row, so that concurrent changes are made one after the other. It is last in the lock order."""
    query = select(UserRow.id).where(UserRow.id == user_id).with_for_update(key_share=True)
    await transaction.execute(query)


async def file_rows(transaction: AsyncSession, user_id: str) -> Mapping[str, UserFileRow]:
    """The user's files by id, oldest first."""
    query = select(UserFileRow).where(UserFileRow.user_id == user_id)
    rows = await transaction.scalars(query.order_by(UserFileRow.created_at, UserFileRow.id))
    return {row.id: row for row in rows}


async def brand_rows(transaction: AsyncSession, user_id: str) -> Sequence[BrandRow]:
    """The user's kits by name."""
    query = select(BrandRow).where(BrandRow.user_id == user_id).order_by(BrandRow.name)
    return (await transaction.scalars(query)).all()


async def remove_unused(
    transaction: AsyncSession, user_id: str, ids: Collection[str], files: Mapping[str, UserFileRow]
) -> list[str]:
    """Deletes those files of `ids` that no kit uses; returns their storage keys."""
    await transaction.flush()
    used = {file for row in await brand_rows(transaction, user_id) for file in row.files.values()}
    gone = [files[each] for each in ids if each in files and each not in used]
    await transaction.execute(delete(UserFileRow).where(UserFileRow.id.in_([row.id for row in gone])))
    return [row.storage_key for row in gone]


def file_of(row: UserFileRow) -> UserFile:
    return UserFile(
        id=row.id,
        kind=FileKind(row.kind),
        name=row.name,
        storage_key=row.storage_key,
        content_hash=row.content_hash,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        family=row.family,
    )


def brand_of(row: BrandRow, files: Mapping[str, UserFileRow]) -> StoredBrand:
    texts: dict[str, Any] = {name: row.words.get(name) for name in TEXTS}
    kit = BrandKit(row.name, **texts, pronunciations=tuple(row.words.get(_SAID, {}).items()))
    slots = {BrandSlot(slot): file_of(files[each]) for slot, each in row.files.items() if each in files}
    return StoredBrand(kit, slots, row.created_at, row.updated_at)


def words_of(kit: BrandKit) -> dict[str, Any]:
    """The texts and pronunciations of a kit as its row stores them."""
    words: dict[str, Any] = {name: value for name in TEXTS if (value := getattr(kit, name)) is not None}
    return {**words, _SAID: kit.said} if kit.pronunciations else words
