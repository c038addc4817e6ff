from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adreel.domain.errors import DownloadError, StorageError
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.object_store import ObjectStore
from adreel.services.storage.s3_store import S3Store
from adreel.services.storage_service import StorageService
from support.http import Asked, Site

if TYPE_CHECKING:
    from support.s3 import S3Server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "stor age"


@pytest.fixture
def storage(root: Path) -> StorageService:
    return StorageService(FolderStore(root))


@pytest.fixture(params=["folder", "s3"])
async def either(request: pytest.FixtureRequest, root: Path) -> AsyncIterator[StorageService]:
    """A storage over each store."""
    server: S3Server
    store: ObjectStore = FolderStore(root)
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        store = S3Store(server.config())
    made = StorageService(store)
    yield made
    await made.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film")
    return path


async def test_what_is_stored_comes_back(either: StorageService, film: Path, tmp_path: Path) -> None:
    url = await either.upload_file(film, "video/mp4")
    key = either.key_of(url)
    assert key is not None
    assert key.startswith("videos/")
    assert key.endswith(".mp4")
    back = tmp_path / "deep" / "back.mp4"
    await either.download_file(url, back)
    assert back.read_bytes() == film.read_bytes() == b"a film"
    assert url != await either.upload_file(film, "video/mp4")


async def test_a_file_is_stored_under_the_key_that_is_given(either: StorageService, film: Path) -> None:
    url = await either.upload_file(film, "video/mp4", "sessions/one/film.mp4")
    assert url == either.url("sessions/one/film.mp4")
    assert await either.exists("sessions/one/film.mp4")
    assert await either.delete_prefix("sessions/one") == 1
    assert not await either.exists("sessions/one/film.mp4")


async def test_a_file_given_away_is_gone_and_stored(either: StorageService, film: Path, tmp_path: Path) -> None:
    url = await either.take_file(film, "video/mp4")
    assert not film.exists()
    await either.download_file(url, tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == b"a film"


async def test_moving_out_leaves_nothing_behind(either: StorageService, film: Path, tmp_path: Path) -> None:
    url = await either.upload_file(film, "video/mp4")
    await either.move_out(url, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"a film"
    with pytest.raises(StorageError, match="cannot fetch"):
        await either.download_file(url, tmp_path / "again.mp4")


async def test_a_move_that_fails_leaves_the_stored_file(either: StorageService, film: Path, tmp_path: Path) -> None:
    url = await either.upload_file(film, "video/mp4", "videos/a.mp4")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(StorageError):
        await either.move_out(url, tmp_path / "folder.mp4")
    assert await either.exists("videos/a.mp4")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "file://host/x.mp4", "http://127.0.0.1/x.mp4", "/etc/passwd"])
async def test_only_stored_files_are_fetched(storage: StorageService, url: str, tmp_path: Path) -> None:
    for call in (storage.download_file(url, tmp_path / "x.mp4"), storage.move_out(url, tmp_path / "x.mp4")):
        with pytest.raises(StorageError, match="is not in this storage"):
            await call


async def test_climbing_out_of_the_storage_is_refused(storage: StorageService, film: Path, root: Path) -> None:
    url = f"{root.as_uri()}/videos/../../film.mp4"
    for call in (storage.download_file(url, root / "x.mp4"), storage.move_out(url, root / "x.mp4")):
        with pytest.raises(StorageError, match="is not in this storage"):
            await call
    assert film.exists()


async def test_a_failed_write_leaves_no_part_file(storage: StorageService, film: Path, tmp_path: Path) -> None:
    url = await storage.upload_file(film, "video/mp4")
    blocked = tmp_path / "folder.mp4"
    blocked.mkdir()
    with pytest.raises(StorageError):
        await storage.download_file(url, blocked)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


async def test_files_from_elsewhere_come_by_the_checked_download(root: Path, tmp_path: Path) -> None:
    async def answer(asked: Asked) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na clip"

    async with Site(answer) as site:
        allowing = StorageService(FolderStore(root), Downloader(allowed_hosts=["127.0.0.1"]))
        await allowing.download_file(f"{site.url}/clip.mp4", tmp_path / "clip.mp4")
        with pytest.raises(DownloadError, match="is not an https URL"):
            await StorageService(FolderStore(root), Downloader()).download_file(site.url, tmp_path / "x.mp4")
        with pytest.raises(StorageError, match="is not in this storage"):
            await allowing.download_file("file:///etc/passwd", tmp_path / "x.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"a clip"
    assert len(site.asked) == 1


async def test_only_s3_hands_out_links(either: StorageService, film: Path) -> None:
    await either.upload_file(film, "video/mp4", "videos/a.mp4")
    link, path = await either.link("videos/a.mp4", 60), either.local_path("videos/a.mp4")
    assert (link is None) != (path is None)
    assert path is None or path.read_bytes() == b"a film"
    assert link is None or either.key_of(link) == "videos/a.mp4"
