"""Backups that are taken while clips are made, and put back elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adreel.bootstrap.backup.backups import _copy_databases
from adreel.bootstrap.settings import Settings
from adreel.domain.errors import InputError
from adreel.services.storage.backups import read_manifest
from support import forked
from support.cli import Ran
from support.pg import PostgresServer, _program
from support.replicate import StandIn, write_image
from support.service import serve
from support.small_films import SMALL_ADREEL

WAN = "wan-2.2-i2v-fast"


def adreel(data: Path, *args: str | Path, **settings: str) -> Ran:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
    environment = {**kept, "ADREEL_DATA_DIR": str(data), **settings}
    done = forked.run([*SMALL_ADREEL, *args], cwd=data.parent, env=environment, timeout=120)
    return Ran(done.returncode, done.stdout, done.stderr)


def hosted(stand_in: StandIn, **more: str) -> dict[str, str]:
    return {
        "ADREEL_REPLICATE_API_TOKEN": "r8_secret",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
        **more,
    }


def begun(http: httpx.Client, folder: Path, count: int, model: str = WAN) -> str:
    """A session whose clips are being made."""
    session_id = str(http.post("/api/sessions/create", json={"product_prompt": "a mug"}).json()["session_id"])
    photos = [write_image(folder / f"{number}.jpg", (30 * number, 60, 200), (640, 360)) for number in range(count)]
    files = [("files", (photo.name, photo.read_bytes(), "image/jpeg")) for photo in photos]
    images = [image["id"] for image in http.post(f"/api/sessions/{session_id}/images", files=files).json()["images"]]
    approved = {"session_id": session_id, "approved_image_ids": images}
    assert http.post("/api/save-approved-images", json=approved).status_code == 200
    order = {"session_id": session_id, "video_prompt": "calm", "clip_duration": 0.5, "model": model}
    assert http.post("/api/generate-clips", json=order).status_code == 200
    return session_id


def ended(http: httpx.Client, session_id: str, seconds: float = 200) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while True:
        session = http.get(f"/api/sessions/{session_id}").json()
        if session["stage"] in ("clip_selection", "failed"):
            return session
        assert time.monotonic() < deadline, session
        time.sleep(0.3)


def bought(stand_in: StandIn) -> list[str]:
    """The clips that the provider was asked to make, by its bill."""
    return [entry["id"] for entry in stand_in.billing()["entries"] if "wan" in entry["model"]]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def served(data: Path, settings: dict[str, str]) -> Generator[httpx.Client]:
    """The service, killed at the end of the block."""
    process, address = serve(data, **settings)
    try:
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
            yield http
    finally:
        process.kill()


def test_jobs_that_were_under_way_end_after_a_restore_and_nothing_is_bought_twice(
    tmp_path: Path, stand_in: StandIn
) -> None:
    data, fresh, kept = tmp_path / "data", tmp_path / "fresh", tmp_path / "backup"
    data.mkdir()
    fresh.mkdir()
    # Long enough that nothing is ready before the kill; orders are held back until the backup is there.
    stand_in.rules(starting=2.0, processing=20.0)
    stand_in.fault("throttled", on="create", times=1000, retry_after=3)
    settings = hosted(stand_in)
    with served(data, settings) as http:
        session_id = begun(http, tmp_path, 3)
        until(lambda: len(stand_in.requests("create")) > 0)
        done = adreel(data, "db", "backup", kept)
        assert done.code == 0, done.err
        assert bought(stand_in) == []
        stand_in.reset_faults()
        until(lambda: len(bought(stand_in)) == 3)
    ordered = bought(stand_in)
    assert len(ordered) == 3
    back = adreel(fresh, "db", "restore", kept)
    assert back.code == 0, back.err
    with served(fresh, settings) as http:
        session = ended(http, session_id)
        assert session["stage"] == "clip_selection", session
        clips = session["generated_clips"]
        assert isinstance(clips, list)
        assert len(clips) == 3
        costs = http.get(f"/api/sessions/{session_id}/costs").json()
    assert bought(stand_in) == ordered
    # Answers of the language model included: they are not bought twice either.
    assert Decimal(costs["total_cost"]) == Decimal(stand_in.billing()["total"])
    with closing(sqlite3.connect(fresh / "adreel.db")) as connection:
        calls = connection.execute("SELECT state, provider_id FROM paid_calls WHERE model = ?", (WAN,)).fetchall()
    assert sorted(provider_id for _, provider_id in calls) == sorted(ordered)
    assert {state for state, _ in calls} == {"paid"}


def test_the_copy_of_the_engine_never_knows_more_than_the_copy_of_the_tables(tmp_path: Path) -> None:
    """A step is done in the tables first and then in the engine; a backup may see the first without the second only."""
    data, stopped = tmp_path / "data", threading.Event()
    data.mkdir()
    for name in ("adreel.db", "engine.db"):
        with closing(sqlite3.connect(data / name)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE steps (number INTEGER)")
            connection.executemany("INSERT INTO steps VALUES (0)", [()] * 5000)
            connection.commit()

    def work() -> None:
        with (
            closing(sqlite3.connect(data / "adreel.db", timeout=30)) as tables,
            closing(sqlite3.connect(data / "engine.db", timeout=30)) as engine,
        ):
            number = 0
            while not stopped.is_set():
                number += 1
                for connection in (tables, engine):
                    connection.execute("INSERT INTO steps VALUES (?)", (number,))
                    connection.commit()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for round_ in range(10):
            copy = tmp_path / f"copy-{round_}"
            copy.mkdir()
            _copy_databases(Settings(data_dir=data), copy)
            newest = {name: _newest(copy / name) for name in ("engine.db", "adreel.db")}
            assert newest["engine.db"] <= newest["adreel.db"]
    finally:
        stopped.set()
        worker.join()
    assert _newest(tmp_path / "copy-9" / "engine.db") > 0


def _newest(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("SELECT max(number) FROM steps").fetchone()[0])


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data`, which has one stored file, and `backup`, which was made of it."""
    folder = tmp_path_factory.mktemp("saved")
    data = folder / "data"
    assert adreel(data, "db", "upgrade").code == 0
    film = data / "storage" / "videos" / "film.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"a film")
    (data / "secret").write_text("s" * 64)
    assert adreel(data, "db", "backup", folder / "backup").code == 0
    return folder


@pytest.fixture
def saved(saved_once: Path, tmp_path: Path) -> Path:
    """The test's own copy of the backup, beside its data folder."""
    shutil.copytree(saved_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "backup"


def test_a_backup_comes_back_whole_and_only_its_owner_may_read_it(saved: Path, tmp_path: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in saved.iterdir() if path.is_file()} == {0o600}
    fresh = tmp_path / "fresh"
    done = adreel(fresh, "db", "restore", saved)
    assert done.code == 0, done.err
    assert "Restored the state of" in done.out
    assert (fresh / "storage" / "videos" / "film.mp4").read_bytes() == b"a film"
    assert (fresh / "secret").read_text() == "s" * 64
    assert (fresh / "secret").stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten(saved: Path, tmp_path: Path) -> None:
    again = adreel(tmp_path / "data", "db", "restore", saved)
    assert again.code == 2
    assert "already: put the backup back into a new ADREEL_DATA_DIR" in again.err
    full = adreel(tmp_path / "data", "db", "backup", saved)
    assert full.code == 2
    assert "is not empty" in full.err


@pytest.mark.parametrize("name", ["adreel.db", "secret", "storage/videos/film.mp4", "manifest.json"])
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    saved: Path, tmp_path: Path, name: str, how: str
) -> None:
    path = saved / name
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"{}")
    done = adreel(tmp_path / "fresh", "db", "restore", saved)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert not list((tmp_path / "fresh").glob("*"))


def test_a_backup_of_a_newer_version_or_another_database_is_refused(saved: Path, tmp_path: Path) -> None:
    facts = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps({**facts, "revision": "9999"}))
    newer = adreel(tmp_path / "fresh", "db", "restore", saved)
    assert (newer.code, "revision 9999" in newer.err) == (1, True)
    (saved / "manifest.json").write_text(json.dumps({**facts, "database": "postgresql"}))
    other = adreel(tmp_path / "fresh", "db", "restore", saved)
    assert (other.code, "is of postgresql" in other.err) == (2, True)


def test_a_manifest_cannot_name_files_elsewhere(saved: Path) -> None:
    facts = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps({**facts, "stored": {"../../etc/passwd": 1}}))
    with pytest.raises(InputError, match="no backup of adreel"):
        read_manifest(saved)


def test_where_nothing_is_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    done = adreel(tmp_path / "data", "db", "backup", tmp_path / "backup")
    assert (done.code, "nothing to back up" in done.err) == (1, True)
    assert not (tmp_path / "backup").exists()


def test_a_postgresql_database_with_a_job_under_way_comes_back(
    tmp_path: Path, postgres: PostgresServer, pg_database: str, empty_pg_database: str
) -> None:
    programs = {"PATH": f"{_program('pg_dump').parent}:{os.environ['PATH']}"}
    data, fresh, kept = tmp_path / "data", tmp_path / "fresh", tmp_path / "backup"
    data.mkdir()
    fresh.mkdir()
    old, new = {"ADREEL_DATABASE_URL": pg_database}, {"ADREEL_DATABASE_URL": empty_pg_database}
    with served(data, old) as http:
        session_id = begun(http, tmp_path, 3, "local")
        done = adreel(data, "db", "backup", kept, **old, **programs)
        assert done.code == 0, done.err
    back = adreel(fresh, "db", "restore", kept, **new, **programs)
    assert back.code == 0, back.err
    with served(fresh, new) as http:
        assert ended(http, session_id)["stage"] == "clip_selection"
    again = adreel(tmp_path / "third", "db", "restore", kept, **new, **programs)
    assert again.code == 1
    assert "the database was not copied" in again.err


def test_without_the_programs_of_postgresql_it_says_what_to_run(tmp_path: Path, pg_database: str) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    url = pg_database.replace("postgres@", "postgres:geheim@")
    settings = {"ADREEL_DATABASE_URL": url, "PATH": str(empty)}
    done = adreel(tmp_path / "data", "db", "backup", tmp_path / "backup", **settings)
    assert done.code == 1
    assert "pg_dump is not installed" in done.err
    assert "pg_dump --format=custom" in done.err
    assert "geheim" not in done.err


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("worker",), ("make", "photo.jpg", "--engine", "replicate", "--yes")]
)
def test_a_database_of_a_newer_version_is_refused_at_every_door(tmp_path: Path, command: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    assert adreel(data, "db", "upgrade").code == 0
    with closing(sqlite3.connect(data / "adreel.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    photo = write_image(tmp_path / "photo.jpg", (200, 40, 30), (640, 360))
    args = [str(photo) if part == "photo.jpg" else part for part in command]
    done = adreel(data, *args, ADREEL_REPLICATE_API_TOKEN="any")  # noqa: S106
    assert done.code == 1, done.out
    [line] = done.err.splitlines()[-1:]
    assert "revision 9999, which was written by a newer adreel; this is adreel 0." in line
    assert "adreel db downgrade" in line


def test_going_back_is_refused_while_a_worker_runs_and_done_without(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with served(data, {}):
        refused = adreel(data, "db", "downgrade", "--yes")
        assert (refused.code, "runs jobs" in refused.err) == (1, True)
    done = adreel(data, "db", "downgrade", "--yes")
    assert done.code == 0, done.err
    assert "went back from revision" in done.out
    unasked = adreel(data, "db", "downgrade")
    assert unasked.code != 0
