"""Deletes batches within a transaction that the caller opened, and records what other stores have to delete."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.batch_tables import BatchItemRow, BatchRow, CatalogueFilmRow, CatalogueRow
from adreel.domain.catalogues.batch import RowState
from adreel.domain.ids import MakeId
from adreel.services.batches import batches
from adreel.services.catalogues.keys import batch_folder, feed_folder, film_id, film_key, still_key
from adreel.services.catalogues.rows import lock_catalogue
from adreel.services.deletion.erasure import erase_files, forget_answers, record_deletion

_KEYS_AT_ONCE = 500


async def erase_batch(transaction: AsyncSession, row: BatchRow, make_id: MakeId, now: datetime) -> None:
    """Deletes a locked batch, and the films of its catalogue that no other batch has; with the last batch the catalogue."""
    batch_id, catalogue_id = row.id, row.catalogue_id
    await lock_catalogue(transaction, catalogue_id)
    await forget_answers(transaction, row.user_id, {batch_id})
    unmade = await _unmade(transaction, batch_id)
    await transaction.execute(delete(BatchRow).where(BatchRow.id == batch_id))
    gone = await _unused_films(transaction, catalogue_id)
    for ids in batches(list(gone), _KEYS_AT_ONCE):
        await transaction.execute(delete(CatalogueFilmRow).where(CatalogueFilmRow.id.in_(ids)))
    if await _made_films(transaction, batch_id):
        folder, named = feed_folder(batch_id), {**gone, **dict.fromkeys(unmade, batch_id)}
    else:
        folder, named = batch_folder(batch_id), {film: maker for film, maker in gone.items() if maker != batch_id}
    record_deletion(transaction, batch_id, [folder], make_id, now)
    for ids in batches(list(named), _KEYS_AT_ONCE):
        keys = [key(named[film], film) for film in ids for key in (film_key, still_key)]
        erase_files(transaction, keys, make_id, now)
    others = select(BatchRow.id).where(BatchRow.catalogue_id == catalogue_id).limit(1)
    if await transaction.scalar(others) is None:
        await transaction.execute(delete(CatalogueRow).where(CatalogueRow.id == catalogue_id))


async def erase_batches_of(transaction: AsyncSession, user_id: str, make_id: MakeId, now: datetime) -> list[str]:
    """Deletes all batches of an account, those at work too. Returns their ids."""
    query = select(BatchRow).where(BatchRow.user_id == user_id).order_by(BatchRow.id).with_for_update()
    rows = (await transaction.scalars(query)).all()
    ids = [row.id for row in rows]
    for row in rows:
        await erase_batch(transaction, row, make_id, now)
    return ids


async def _unmade(transaction: AsyncSession, batch_id: str) -> list[str]:
    """The ids of films that are not recorded, and may be being stored just now."""
    over = [RowState.MADE.value, RowState.UNCHANGED.value]
    query = select(BatchItemRow.number).where(BatchItemRow.batch_id == batch_id, BatchItemRow.state.not_in(over))
    return [film_id(batch_id, number) for number in await transaction.scalars(query)]


async def _unused_films(transaction: AsyncSession, catalogue_id: str) -> dict[str, str]:
    """The batch that made it, for each film of a catalogue that no batch has."""
    films, is_used = CatalogueFilmRow, exists().where(BatchItemRow.film_id == CatalogueFilmRow.id)
    unused = select(films.id, films.batch_id).where(films.catalogue_id == catalogue_id, ~is_used)
    return {row[0]: row[1] for row in (await transaction.execute(unused)).all()}


async def _made_films(transaction: AsyncSession, batch_id: str) -> bool:
    query = select(CatalogueFilmRow.id).where(CatalogueFilmRow.batch_id == batch_id).limit(1)
    return await transaction.scalar(query) is not None
