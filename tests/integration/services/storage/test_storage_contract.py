"""What every ObjectStore does alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adreel.domain.errors import StorageError
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.object_store import ObjectStore, StoredObject
from adreel.services.storage.s3_store import S3Store

if TYPE_CHECKING:
    from support.s3 import S3Server

KEY = "sessions/one/film.mp4"


@pytest.fixture(scope="module")
def s3_store(s3_server: S3Server) -> S3Store:
    return S3Store(s3_server.config(page_size=3, part_bytes=5 * 1024 * 1024))


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "the store")
        return
    shared: S3Store = request.getfixturevalue("s3_store")
    yield shared
    await shared.delete_prefix("sessions")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film")
    return path


async def test_what_is_put_comes_back(store: ObjectStore, film: Path, tmp_path: Path) -> None:
    assert await store.put(film, KEY, "video/mp4") == StoredObject(KEY, 6, "video/mp4")
    back = tmp_path / "deep" / "back.mp4"
    await store.fetch(KEY, back)
    assert back.read_bytes() == b"a film"
    assert film.read_bytes() == b"a film"


async def test_a_file_of_many_parts_comes_back_whole(store: ObjectStore, tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(index * index % 251 for index in range(1024)) * (12 * 1024 + 1))
    await store.put(large, "sessions/large.mp4", "video/mp4")
    await store.fetch("sessions/large.mp4", tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == large.read_bytes()


async def test_an_empty_file_is_a_file(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    await store.put(tmp_path / "empty.json", "sessions/empty.json", "application/json")
    await store.fetch("sessions/empty.json", tmp_path / "back.json")
    assert (tmp_path / "back.json").read_bytes() == b""


async def test_a_later_change_of_the_source_changes_nothing(store: ObjectStore, film: Path, tmp_path: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    with film.open("r+b") as file:
        file.write(b"THE")
    await store.fetch(KEY, tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == b"a film"


async def test_a_file_given_away_is_gone_and_stored(store: ObjectStore, film: Path, tmp_path: Path) -> None:
    await store.put(film, KEY, "video/mp4", move=True)
    assert not film.exists()
    await store.fetch(KEY, tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == b"a film"


async def test_a_second_put_replaces_the_first(store: ObjectStore, film: Path, tmp_path: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    film.write_bytes(b"another film")
    await store.put(film, KEY, "video/mp4")
    assert await store.stat(KEY) == StoredObject(KEY, 12, "video/mp4")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.json", "application/json"),
        ("a", "application/octet-stream"),
    ],
)
async def test_the_type_is_kept(store: ObjectStore, film: Path, name: str, content_type: str) -> None:
    key = f"sessions/{name}"
    await store.put(film, key, content_type)
    assert await store.stat(key) == StoredObject(key, 6, content_type)


async def test_a_type_that_the_key_denies_is_refused(store: ObjectStore, film: Path) -> None:
    with pytest.raises(StorageError, match=r"sessions/a\.png would be image/png, but video/mp4 was given") as caught:
        await store.put(film, "sessions/a.png", "video/mp4")
    assert not caught.value.retryable


async def test_what_is_not_there_is_named(store: ObjectStore, tmp_path: Path) -> None:
    assert await store.stat("sessions/none.mp4") is None
    target = tmp_path / "target.mp4"
    target.write_bytes(b"as it was")
    with pytest.raises(StorageError, match=r"sessions/none\.mp4") as caught:
        await store.fetch("sessions/none.mp4", target)
    assert not caught.value.retryable
    assert target.read_bytes() == b"as it was"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


async def test_a_missing_source_is_refused(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot store"):
        await store.put(tmp_path / "none.mp4", KEY, "video/mp4")
    assert await store.stat(KEY) is None


async def test_deleting_twice_is_no_error(store: ObjectStore, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    await store.delete(KEY)
    assert await store.stat(KEY) is None
    await store.delete(KEY)


async def test_a_folder_of_keys_goes_as_a_whole_and_nothing_else(store: ObjectStore, film: Path) -> None:
    inside = [f"sessions/1/{index}.mp4" for index in range(7)] + ["sessions/1/deep/er.mp4"]
    outside = ["sessions/10/film.mp4", "sessions/film.mp4", "sessions/1.mp4"]
    await asyncio.gather(*(store.put(film, key, "video/mp4") for key in inside + outside))
    assert await store.delete_prefix("sessions/1") == len(inside)
    assert [await store.stat(key) for key in inside] == [None] * len(inside)
    assert None not in [await store.stat(key) for key in outside]
    assert await store.delete_prefix("sessions/1/") == 0


@pytest.mark.parametrize("prefix", ["", "/", ".", "..", "sessions/..", "/sessions", "sessions//"])
async def test_no_prefix_means_everything(store: ObjectStore, film: Path, prefix: str) -> None:
    await store.put(film, KEY, "video/mp4")
    with pytest.raises(StorageError, match="cannot be the key"):
        await store.delete_prefix(prefix)
    assert await store.stat(KEY) is not None


async def test_a_url_leads_back_to_its_key(store: ObjectStore) -> None:
    url = store.url(KEY)
    assert store.key_of(url) == KEY
    assert store.key_of(f"{url}/../other.mp4") is None
    assert store.key_of(url.replace("sessions", "..")) is None
    assert store.key_of(url.replace("/sessions", "x/sessions")) is None
    assert store.key_of(url.removesuffix(KEY)) is None


@pytest.mark.parametrize("key", ["../film.mp4", "/etc/passwd", "a/../b.mp4", "a\0.mp4", ".hidden", "a b.mp4", ""])
async def test_every_way_in_refuses_what_is_no_key(store: ObjectStore, film: Path, tmp_path: Path, key: str) -> None:
    for call in (
        store.put(film, key, "video/mp4"),
        store.fetch(key, tmp_path / "x"),
        store.stat(key),
        store.delete(key),
        store.link(key, 60),
    ):
        with pytest.raises(StorageError, match="cannot be the key"):
            await call
    for name in (store.url, store.local_path):
        with pytest.raises(StorageError, match="cannot be the key"):
            name(key)


async def test_readers_see_one_whole_version_or_the_other(store: ObjectStore, tmp_path: Path) -> None:
    versions = [letter * 300_000 for letter in (b"a", b"b")]
    sources = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for source, version in zip(sources, versions, strict=True):
        source.write_bytes(version)
    await store.put(sources[0], KEY, "video/mp4")

    async def write() -> None:
        for turn in range(10):
            await store.put(sources[turn % 2], KEY, "video/mp4")

    async def read(reader: int) -> set[bytes]:
        seen: set[bytes] = set()
        for turn in range(10):
            copy = tmp_path / f"copy-{reader}-{turn}.mp4"
            await store.fetch(KEY, copy)
            seen.add(copy.read_bytes())
        return seen

    _, *seen = await asyncio.gather(write(), read(0), read(1))
    assert set().union(*seen) <= set(versions)


async def test_a_store_that_works_passes_its_check(store: ObjectStore) -> None:
    await store.check()
