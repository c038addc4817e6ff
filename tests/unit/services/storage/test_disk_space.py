from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from adreel.domain.errors import NoSpaceError
from adreel.services.storage.disk_space import MEGABYTE, DiskSpace, Room, measured_room

FOLDER = Path("/srv/adreel")


@dataclass
class Disk:
    free: int
    total: int = 100_000 * MEGABYTE
    files: int | None = 1_000_000

    def __call__(self, _folder: Path) -> Room:
        return Room(self.free, self.total, self.files)


def space(disk: Disk, keep: int | None = 0, patience: float = 5.0) -> DiskSpace:
    return DiskSpace(FOLDER, keep, disk, patience)


def test_what_does_not_fit_is_refused_with_folder_and_bytes() -> None:
    with pytest.raises(NoSpaceError, match=r"/srv/adreel has no room for the film") as refused:
        space(Disk(1000)).check(1001, "the film")
    assert (refused.value.folder, refused.value.needed, refused.value.free) == (str(FOLDER), 1001, 1000)
    assert "1001 bytes" in str(refused.value)
    space(Disk(1000)).check(1000)


def test_what_is_kept_free_is_not_used() -> None:
    with pytest.raises(NoSpaceError):
        space(Disk(1000), keep=500).check(501)
    space(Disk(1000), keep=500).check(500)
    with pytest.raises(NoSpaceError):
        space(Disk(400), keep=500).check()


@pytest.mark.parametrize(
    ("total", "kept"), [(60 * MEGABYTE, 3 * MEGABYTE), (10_000 * MEGABYTE, 256 * MEGABYTE)], ids=["small", "large"]
)
def test_by_default_a_twentieth_is_kept_but_not_more_than_is_of_use(total: int, kept: int) -> None:
    space(Disk(kept + 1, total), keep=None).check(1)
    with pytest.raises(NoSpaceError):
        space(Disk(kept, total), keep=None).check(1)


def test_a_disk_that_takes_no_more_files_is_full() -> None:
    with pytest.raises(NoSpaceError, match="inodes"):
        space(Disk(10**9, files=3)).check()
    space(Disk(10**9, files=None)).check()


async def test_jobs_at_once_do_not_promise_each_other_the_same_bytes() -> None:
    shared, ended = space(Disk(1000)), list[str]()

    async def job(name: str) -> None:
        async with shared.reserved_for(600, name):
            assert shared.reserved == 600
            await asyncio.sleep(0.01)
            ended.append(name)

    await asyncio.gather(job("one"), job("two"), job("three"))
    assert sorted(ended) == ["one", "three", "two"]
    assert shared.reserved == 0


async def test_who_cannot_fit_even_alone_does_not_wait() -> None:
    shared = space(Disk(1000), patience=60)
    async with shared.reserved_for(600, "one"):
        with pytest.raises(NoSpaceError):
            await asyncio.wait_for(_hold(shared, 1001), 20)


async def test_who_waits_too_long_is_refused() -> None:
    shared = space(Disk(1000), patience=0.05)
    async with shared.reserved_for(600, "one"):
        with pytest.raises(NoSpaceError):
            await asyncio.wait_for(_hold(shared, 500), 20)
    assert shared.reserved == 0


async def test_what_was_set_aside_comes_back_after_an_error() -> None:
    shared = space(Disk(1000))
    with pytest.raises(ValueError, match="x"):
        async with shared.reserved_for(900, "one"):
            raise ValueError("x")
    assert shared.reserved == 0


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_of_its_parent(tmp_path: Path) -> None:
    assert measured_room(tmp_path / "a" / "b").total == measured_room(tmp_path).total > 0


async def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    await DiskSpace(tmp_path / "data", 0).probe()
    assert list((tmp_path / "data").iterdir()) == []


async def _hold(shared: DiskSpace, needed: int) -> None:
    async with shared.reserved_for(needed, "this"):
        pass
