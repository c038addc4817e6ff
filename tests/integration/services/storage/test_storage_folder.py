from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from adreel.domain.errors import StorageError
from adreel.services.storage.atomic import PART_PATTERN, move_atomically, whole_file
from adreel.services.storage.folder_store import FolderStore

KEY = "sessions/one/film.mp4"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> FolderStore:
    return FolderStore(root)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film")
    return path


async def test_a_stored_file_lies_where_its_path_says(store: FolderStore, film: Path, root: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    assert store.local_path(KEY) == root / KEY
    assert store.local_path(KEY).read_bytes() == b"a film"
    assert await store.link(KEY, 60) is None


async def test_a_file_given_away_is_not_copied(store: FolderStore, film: Path) -> None:
    same = film.stat().st_ino
    await store.put(film, KEY, "video/mp4", move=True)
    assert store.local_path(KEY).stat().st_ino == same


async def test_a_file_with_a_second_name_is_copied_though_given_away(
    store: FolderStore, film: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.mp4"
    os.link(film, second)
    await store.put(film, KEY, "video/mp4", move=True)
    second.write_bytes(b"changed")
    assert store.local_path(KEY).read_bytes() == b"a film"
    assert not film.exists()


async def test_a_link_given_away_is_stored_as_what_it_leads_to(store: FolderStore, film: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(film)
    await store.put(link, KEY, "video/mp4", move=True)
    assert stat.S_ISREG(store.local_path(KEY).lstat().st_mode)
    assert film.read_bytes() == b"a film"
    assert not link.is_symlink()


async def test_links_out_of_the_folder_are_refused(store: FolderStore, film: Path, root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "film.mp4").write_bytes(b"not ours")
    (root / "sessions").mkdir(parents=True)
    (root / "sessions" / "one").symlink_to(tmp_path / "outside")
    (root / "film.mp4").symlink_to(tmp_path / "outside" / "film.mp4")
    for key in (KEY, "film.mp4"):
        for call in (
            store.put(film, key, "video/mp4"),
            store.fetch(key, tmp_path / "x.mp4"),
            store.stat(key),
            store.delete(key),
        ):
            with pytest.raises(StorageError, match="is or lies behind a link"):
                await call
    with pytest.raises(StorageError, match="is or lies behind a link"):
        await store.delete_prefix("sessions/one")
    assert (tmp_path / "outside" / "film.mp4").read_bytes() == b"not ours"


async def test_the_folder_itself_may_be_a_link(film: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    store = FolderStore(tmp_path / "link")
    await store.put(film, KEY, "video/mp4")
    assert (tmp_path / "disk" / KEY).read_bytes() == b"a film"
    assert store.key_of(store.url(KEY)) == KEY


async def test_a_folder_is_no_file(store: FolderStore, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    assert await store.stat("sessions/one") is None
    assert await store.stat(f"{KEY}/deeper.mp4") is None
    with pytest.raises(StorageError, match="cannot store"):
        await store.put(film, "sessions/one", "application/octet-stream")


async def test_files_still_being_written_are_no_files(store: FolderStore, film: Path, root: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    with whole_file(root / "sessions" / "one" / "next.mp4") as temporary:
        temporary.write_bytes(b"half")
        assert temporary in set((root / "sessions" / "one").glob(PART_PATTERN))
        assert await store.stat("sessions/one/next.mp4") is None
    assert await store.stat("sessions/one/next.mp4") is not None


async def test_deleting_takes_parts_and_links_along_and_follows_none(
    store: FolderStore, film: Path, root: Path, tmp_path: Path
) -> None:
    await store.put(film, KEY, "video/mp4")
    await store.put(film, "sessions/one/deep/film.mp4", "video/mp4")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "film.mp4").write_bytes(b"not ours")
    (root / "sessions" / "one" / ".left.part").write_bytes(b"half")
    (root / "sessions" / "one" / "link").symlink_to(tmp_path / "outside")
    assert await store.delete_prefix("sessions/one") == 3
    assert list((root / "sessions").iterdir()) == []
    assert (tmp_path / "outside" / "film.mp4").read_bytes() == b"not ours"


async def test_a_file_is_no_folder_to_delete(store: FolderStore, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    assert await store.delete_prefix(KEY) == 0
    assert await store.stat(KEY) is not None


async def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")

    def write_half() -> None:
        with whole_file(target) as temporary:
            temporary.write_bytes(b"half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        write_half()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_moving_onto_a_folder_keeps_both(film: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        move_atomically(film, tmp_path / "folder")
    assert film.read_bytes() == b"a film"


async def test_a_place_that_cannot_be_a_folder_fails_the_check(film: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot write to .*film\.mp4.*make the folder writable"):
        await FolderStore(film / "store").check()


async def test_the_check_leaves_nothing(store: FolderStore, root: Path) -> None:
    await store.check()
    assert list(root.iterdir()) == []
