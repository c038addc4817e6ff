"""Reading the photos of a film, before anything is rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from adreel.agents.maker import FilmMaker
from adreel.domain.errors import PhotoError
from adreel.domain.work.percentages import MAKE_SPANS
from adreel.domain.work.progress import JobReporter, ignore_progress
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.readers import DirectReader
from support.photo_files import jpeg_cut_short


def jpeg(path: Path, missing: int) -> Path:
    path.write_bytes(jpeg_cut_short(missing))
    return path


async def notes(*photos: Path) -> tuple[str, ...]:
    nothing = cast("Any", None)
    reader = DirectReader(MemoryBudget(2**30))
    maker = FilmMaker(nothing, nothing, nothing, reader, lambda _photo: nothing, nothing, nothing, nothing)
    job = JobReporter(ignore_progress, MAKE_SPANS)
    return (await maker._read_photos(photos, job))[1]  # pyright: ignore[reportPrivateUsage]


async def test_a_photo_that_lacks_its_last_bytes_is_noted_and_used(tmp_path: Path) -> None:
    whole, first, second = (jpeg(tmp_path / f"{name}.jpg", missing) for name, missing in (("a", 0), ("b", 8), ("c", 8)))
    assert await notes(whole) == ()
    found = await notes(first, whole, second)
    assert [Path(note.split(" is cut short")[0]) for note in found] == [first, second]


async def test_a_photo_that_lacks_a_visible_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"a\.jpg is damaged or cut short"):
        await notes(jpeg(tmp_path / "a.jpg", 2000))
