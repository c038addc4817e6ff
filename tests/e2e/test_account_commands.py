"""``adreel user export`` and ``adreel user delete``, as an operator runs them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from adreel.db.engine import Database, sqlite_url
from adreel.services.accounts.service import AuthService
from adreel.services.sessions.service import SessionService
from support import forked
from support.small_films import SMALL_ADREEL

EMAIL = "ada@example.com"
WORDS = "a kumquatlamp"


def adreel(data: Path, *args: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [*SMALL_ADREEL, *args]
    environment = {"PATH": "/usr/bin:/bin", "ADREEL_DATA_DIR": str(data)}
    return forked.run(command, cwd=data.parent, env=environment, typed=typed, timeout=120)


async def _session(data: Path) -> str:
    database = Database(sqlite_url(data / "adreel.db"))
    try:
        user = await AuthService(database).user(EMAIL)
        return (await SessionService(database).create(user.id, WORDS)).id
    finally:
        await database.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an account that has a session with a photo."""
    folder = tmp_path / "data"
    assert adreel(folder, "user", "add", EMAIL, typed="correct horse battery\n").returncode == 0
    session_id = asyncio.run(_session(folder))
    image = folder / "storage" / "sessions" / session_id / "images" / "one.jpg"
    image.parent.mkdir(parents=True)
    image.write_bytes(b"a photo")
    return folder


def test_an_account_is_exported_and_deleted_for_good(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "ada.zip"
    done = adreel(data, "user", "export", EMAIL, "--out", str(out))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(out) as whole:
        assert json.loads(whole.read("account.json"))["account"]["email"] == EMAIL
        [name] = [name for name in whole.namelist() if name.endswith("session.json")]
        assert json.loads(whole.read(name))["product_prompt"] == WORDS
    kept = adreel(data, "user", "delete", EMAIL, typed="n\n")
    assert kept.returncode != 0
    assert adreel(data, "user", "export", EMAIL, "--out", str(out), "--overwrite").returncode == 0
    gone = adreel(data, "user", "delete", EMAIL, "--yes")
    assert (gone.returncode, gone.stdout) == (0, f"{EMAIL} is deleted, with 1 sessions\n"), gone.stderr
    files = [path for path in data.rglob("*") if path.is_file()]
    assert not any(path.suffix == ".jpg" for path in files)
    for word in (WORDS, EMAIL, "a photo"):
        assert not [path for path in files if word.encode() in path.read_bytes()]
    unknown = adreel(data, "user", "delete", EMAIL, "--yes")
    assert (unknown.returncode, unknown.stderr) == (2, f"adreel: there is no account for {EMAIL}\n")


def test_the_operator_lists_disables_and_promotes_accounts(data: Path) -> None:
    assert (
        adreel(data, "user", "add", "bob@example.com", "--role", "admin", typed="correct horse battery\n").returncode
        == 0
    )
    assert adreel(data, "user", "disable", EMAIL).stdout == f"{EMAIL} is disabled\n"
    listed = adreel(data, "user", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["account", EMAIL, "bob@example.com"]
    assert listed[1].endswith("disabled")
    assert "admin" in listed[2]
    last = adreel(data, "user", "role", "bob@example.com", "member")
    assert (last.returncode, "last admin" in last.stderr) == (2, True)
    assert adreel(data, "user", "enable", EMAIL).returncode == 0
    assert adreel(data, "user", "role", EMAIL, "admin").stdout == f"{EMAIL} is an admin\n"


def test_the_operator_lists_and_revokes_keys(data: Path) -> None:
    assert adreel(data, "user", "key", EMAIL, "--name", "nightly export").returncode == 0
    [_, line] = adreel(data, "user", "keys", EMAIL).stdout.splitlines()
    assert "nightly export" in line
    assert line.endswith("never")
    key = line.split()[0]
    assert adreel(data, "user", "revoke", EMAIL, key).stdout == f"{key} is revoked\n"
    assert adreel(data, "user", "keys", EMAIL).stdout == f"{EMAIL} has no API keys\n"
    assert adreel(data, "user", "revoke", EMAIL, key).returncode == 2


def test_the_operator_manages_webhooks(data: Path) -> None:
    refused = adreel(data, "webhook", "add", "http://127.0.0.1:9/hook")
    assert (refused.returncode, "not an https URL" in refused.stderr) == (2, True)
    assert adreel(data, "webhook", "list", "--user", EMAIL).stdout == "no webhooks are sent\n"
    unknown = adreel(data, "webhook", "test", "none")
    assert (unknown.returncode, unknown.stderr) == (2, "adreel: there is no webhook endpoint none\n")
