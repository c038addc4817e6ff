from __future__ import annotations

from pathlib import Path

import pytest

from adreel.domain.errors import StorageError
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService


@pytest.fixture
def storage(tmp_path: Path) -> StorageService:
    return StorageService(FolderStore(tmp_path / "stor age"))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film")
    return path


async def test_what_is_stored_comes_back(storage: StorageService, film: Path, tmp_path: Path) -> None:
    url = await storage.upload_file(film, "video/mp4")
    assert url.startswith("file:///")
    assert url.endswith(".mp4")
    back = tmp_path / "deep" / "back.mp4"
    await storage.download_file(url, back)
    assert back.read_bytes() == b"a film"
    assert url != await storage.upload_file(film, "video/mp4")


async def test_moving_out_leaves_nothing_behind(storage: StorageService, film: Path, tmp_path: Path) -> None:
    url = await storage.upload_file(film, "video/mp4")
    await storage.move_out(url, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"a film"
    with pytest.raises(StorageError, match="cannot fetch"):
        await storage.download_file(url, tmp_path / "again.mp4")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "file://host/x.mp4", "http://127.0.0.1/x.mp4", "/etc/passwd"])
async def test_only_stored_files_are_fetched(storage: StorageService, url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not in this storage"):
        await storage.download_file(url, tmp_path / "x.mp4")


async def test_climbing_out_of_the_storage_is_refused(storage: StorageService, film: Path, tmp_path: Path) -> None:
    url = f"{(tmp_path / 'stor age').as_uri()}/videos/../../film.mp4"
    with pytest.raises(StorageError, match="is not in this storage"):
        await storage.download_file(url, tmp_path / "x.mp4")


async def test_a_failed_write_leaves_no_part_file(storage: StorageService, film: Path, tmp_path: Path) -> None:
    url = await storage.upload_file(film, "video/mp4")
    blocked = tmp_path / "folder.mp4"
    blocked.mkdir()
    with pytest.raises(StorageError):
        await storage.download_file(url, blocked)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
