"""Batches from Python."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from adreel import Studio
from adreel.domain.catalogues.batch import BatchState
from adreel.domain.errors import InputError, NotFoundError
from support.catalogue import ORDER, feed_of


async def test_a_batch_is_planned_looked_at_saved_and_deleted(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_bytes(feed_of("https://shop.example", {"A": "24.90 EUR", "B": "ask"}))
    order = {name: value for name, value in ORDER.items() if name not in ("catalogue", "rights_confirmed")}
    async with Studio(data_dir=tmp_path / "data") as studio:
        with pytest.raises(InputError, match="confirm that you may use them"):
            await studio.create_batch("mugs", feed, **order)
        batch = await studio.create_batch("mugs", feed, **order, dry_run=True)
        view = await studio.wait_for_batch(batch.id)
        assert (view.batch.state, view.counts.work, view.counts.errors) == (BatchState.PLANNED, 1, 1)
        assert [each.field async for each in studio.batch_problems(batch.id)] == ["price"]
        assert [each async for each in studio.batch_films(batch.id)] == []
        assert (await studio.cancel_batch(batch.id)).batch.state is BatchState.CANCELLED
        assert [each.batch.id for each in await studio.batches()] == [batch.id]
        saved = await studio.save_batch(batch.id, tmp_path / "films.zip")
        assert zipfile.ZipFile(saved).namelist() == ["manifest.jsonl", "problems.csv"]
        await studio.delete_batch(batch.id)
        with pytest.raises(NotFoundError):
            await studio.batch(batch.id)
    assert feed.is_file()
