"""The data folder is its owner's alone: new ones, those of earlier versions, and what doctor says where that cannot be."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adreel.services.storage.private_files import open_to_others, private_database, private_file, private_folder


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_its_owners(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "data")
    assert mode(tmp_path / "a" / "data") == 0o700
    assert mode(tmp_path / "a") == 0o755


@pytest.mark.parametrize("names", [(), ("adreel.db", "engine.db-wal", "secret", "executor.lock"), (".secret.12ab",)])
def test_a_folder_of_an_earlier_version_is_tightened(tmp_path: Path, names: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    (data / "storage").mkdir(parents=True)
    for name in names:
        (data / name).touch()
    assert mode(data) == 0o755
    private_folder(data)
    assert mode(data) == 0o700
    assert {mode(data / name) for name in names if not name.startswith(".")} <= {0o600}


def test_a_folder_that_others_use_too_stays_open_and_what_is_ours_in_it_does_not(tmp_path: Path) -> None:
    for name in ("storage", "cache", "site"):
        (tmp_path / name).mkdir()
    (tmp_path / "adreel.db").touch()
    tmp_path.chmod(0o755)
    private_folder(tmp_path)
    modes = {name: mode(tmp_path / name) for name in (".", "storage", "cache", "site")}
    assert modes == {".": 0o755, "storage": 0o700, "cache": 0o700, "site": 0o755}


def test_a_home_and_a_folder_like_tmp_are_never_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, shared = tmp_path / "home", tmp_path / "shared"
    home.mkdir()
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setattr(Path, "home", lambda: home)
    for folder in (home, shared):
        before = mode(folder)
        private_folder(folder)
        assert mode(folder) == before


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(FileExistsError):
        private_folder(tmp_path / "data")


def test_all_files_of_a_database_are_private_from_the_first_byte_on(tmp_path: Path) -> None:
    path = tmp_path / "adreel.db"
    private_database(path)
    assert mode(path) == 0o600
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=wal")
        database.execute("CREATE TABLE things (id INTEGER)")
        beside = [tmp_path / f"adreel.db{end}" for end in ("-wal", "-shm")]
        assert [mode(file) for file in beside] == [0o600, 0o600]


def test_files_of_a_database_that_is_open_to_others_are_tightened(tmp_path: Path) -> None:
    files = [tmp_path / f"adreel.db{end}" for end in ("", "-wal", "-shm", "-journal")]
    for file in files:
        file.write_bytes(b"kept")
        file.chmod(0o644)
    private_database(files[0])
    assert [mode(file) for file in files] == [0o600] * 4
    assert files[0].read_bytes() == b"kept"


def test_what_cannot_be_tightened_is_logged_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    secret = tmp_path / "secret"
    secret.touch(0o644)
    tmp_path.chmod(0o750)
    monkeypatch.setattr(Path, "chmod", refused)
    with caplog.at_level(logging.WARNING):
        private_folder(tmp_path)
        private_file(secret)
    assert caplog.text.count("cannot be kept from other users: Operation not permitted") == 3
    assert list(open_to_others(tmp_path)) == [
        f"{tmp_path} can be used by others (mode 750); run: chmod 700 {tmp_path}",
        f"{secret} can be used by others (mode 644); run: chmod 600 {secret}",
    ]


def test_of_a_folder_that_is_private_nothing_is_reported(tmp_path: Path) -> None:
    private_folder(tmp_path / "data")
    private_database(tmp_path / "data" / "adreel.db")
    assert list(open_to_others(tmp_path / "data")) == []
