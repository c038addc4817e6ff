"""A person's data: handed out as a zip, deleted with the account."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from adreel.db.sqlite_files import truncate_wal
from adreel.domain.errors import NotFoundError
from adreel.domain.sessions.stage import Action
from adreel.routers.common.options import AppOptions
from adreel.services.accounts.account_data import AccountService
from support.api import BASE, PASSWORD, Api, Backend, log_in, opened_api, photo
from support.sessions import Desk, purchase

WORDS = "a kumquatlamp"


async def unpacked(api: Api, **headers: str) -> zipfile.ZipFile:
    answer = await api.http.get("/api/account/export", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_a_person_gets_everything_that_is_theirs_and_nothing_else(guarded: Api) -> None:
    ada, bob = await log_in(guarded, "ada"), await log_in(guarded, "bob")
    guarded.http.headers.update(ada)
    session_id, _ = await guarded.with_clips(2)
    await guarded.http.post("/api/auth/keys", json={"name": "nightly"})
    hook = (await guarded.http.post("/api/account/webhooks", json={"url": "https://shop.example.com/"})).json()
    await guarded.http.post(f"/api/account/webhooks/{hook['id']}/test")
    whole = await unpacked(guarded)
    assert whole.testzip() is None
    account = json.loads(whole.read("account.json"))
    assert account["account"]["email"] == "ada@example.com"
    assert "nightly" in {key["name"] for key in account["logins_and_keys"]}
    [webhook] = account["webhooks"]
    assert (webhook["url"], [sent["type"] for sent in webhook["deliveries"]]) == (hook["url"], ["webhook.test"])
    session = json.loads(whole.read(f"sessions/{session_id}/session.json"))
    assert session["product_prompt"] == "a mug"
    assert session["missing"] == []
    assert [job["state"] for job in session["jobs"]] == ["completed"]
    names = set(whole.namelist())
    assert {file["storage_key"] for file in session["files"]} <= names
    assert photo(0) in {whole.read(name) for name in names if "/images/" in name}
    secrets = b"".join(whole.read(name) for name in names if name.endswith(".json"))
    assert b"argon2" not in secrets
    assert hook["secret"].encode() not in secrets
    assert b"token_hash" not in secrets
    others = await unpacked(guarded, **bob)
    assert [name for name in others.namelist() if name.startswith("sessions/")] == []
    guarded.http.headers.pop("authorization")
    assert (await guarded.http.get("/api/account/export")).status_code == 401


async def test_a_file_that_is_gone_is_named_and_the_rest_comes(api: Api) -> None:
    session_id, _ = await api.with_images(1)
    view = await api.services.sessions.view(session_id)
    await api.services.storage.delete(view.assets[0].storage_key)
    whole = await unpacked(api)
    assert json.loads(whole.read(f"sessions/{session_id}/session.json"))["missing"] == [view.assets[0].storage_key]


async def test_an_export_leaves_no_file_behind(backend: Backend, tmp_path: Path) -> None:
    async with opened_api(backend, AppOptions(auth_required=False, work_folder=tmp_path / "scratch")) as api:
        await api.with_images(1)
        await unpacked(api)
    assert list((tmp_path / "scratch").iterdir()) == []


async def delete(api: Api, password: str = PASSWORD) -> httpx.Response:
    return await api.http.post("/api/account/delete", json={"password": password})


async def test_an_account_goes_with_everything_once_its_password_was_given(guarded: Api) -> None:
    bob = await log_in(guarded, "bob")
    guarded.http.headers.update(bob)
    kept, _ = await guarded.with_images(1)
    guarded.http.headers.update(await log_in(guarded, "ada"))
    session_id = await guarded.new_session(product_prompt=WORDS)
    await guarded.upload(session_id, photo(3))
    user = (await guarded.http.get("/api/auth/me")).json()["id"]
    key = (await guarded.http.post("/api/auth/keys", json={"name": "nightly"})).json()["key"]
    # Work under way is stopped.
    await guarded.services.sessions.begin(user, session_id, Action.GENERATE_CLIPS, "job", {})
    wrong = await delete(guarded, "not the password")
    assert wrong.status_code == 422
    assert "nothing was deleted" in wrong.json()["detail"]
    assert (await guarded.http.get(f"/api/sessions/{session_id}")).status_code == 200
    assert (await delete(guarded)).status_code == 204
    assert (await guarded.http.get("/api/account")).status_code == 401
    again = {"email": "ada@example.com", "password": PASSWORD}
    assert (await guarded.http.post("/api/auth/login", json=again)).status_code == 401
    assert (await guarded.http.get("/api/account", headers={"Authorization": f"Bearer {key}"})).status_code == 401
    folder = guarded.backend.folder
    assert not any(photo(3) == path.read_bytes() for path in folder.rglob("*") if path.is_file())
    truncate_wal(folder / "adreel.db")
    for word in (WORDS, "ada@example.com"):
        assert not any(word.encode() in path.read_bytes() for path in folder.glob("adreel.db*")), word
    assert (await guarded.http.get(f"/api/sessions/{kept}", headers=bob)).status_code == 200


async def test_without_logins_there_is_no_account_to_delete(api: Api) -> None:
    refused = await delete(api)
    assert refused.status_code == 409
    assert "delete the sessions instead" in refused.json()["detail"]


async def test_another_site_cannot_delete_an_account(guarded: Api) -> None:
    own = {"origin": BASE, "sec-fetch-site": "same-origin"}
    form = {"email": "ada@example.com", "password": PASSWORD, "next": "/"}
    await guarded.http.post("/login", data=form, headers=own)
    body = {"password": PASSWORD}
    foreign = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert (await guarded.http.post("/api/account/delete", json=body, headers=foreign)).status_code in (401, 403)
    assert (await guarded.http.post("/api/account/delete", json=body, headers=own)).status_code == 204


async def test_settings_offer_both_and_say_how_long_things_are_kept(guarded: Api, backend: Backend) -> None:
    headers = await log_in(guarded, "ada")
    page = (await guarded.http.get("/settings", headers=headers)).text
    assert 'href="/api/account/export"' in page
    assert "data-delete-account" in page
    assert "until you delete them" in page
    async with opened_api(backend, AppOptions(auth_required=False, keep_days=30)) as api:
        page = (await api.http.get("/settings")).text
        assert "data-delete-account" not in page
        assert "deleted 30 days after their last change" in page
        await api.new_session(product_prompt="a mug")
        assert "deleted 30 days after their last change" in (await api.http.get("/")).text
        assert (await api.http.get("/api/options")).json()["keep_days"] == 30


async def test_the_ledger_keeps_the_purchases_of_nobody(desk: Desk) -> None:
    session = await desk.session()
    other = await desk.session("bob")
    await desk.ledger.reserve(purchase("mine", session.id, "0.10"))
    await desk.ledger.reserve(purchase("theirs", other.id, "0.10", "bob"))
    accounts = AccountService(desk.database, desk.clock)
    assert await accounts.delete("ann") == (session.id,)
    calls = {call.key: call for call in await desk.ledger.open_calls()}
    assert {key: call.user_id for key, call in calls.items()} == {"mine": "deleted", "theirs": "bob"}
    with pytest.raises(NotFoundError):
        await accounts.delete("ann")
    with pytest.raises(NotFoundError):
        await accounts.facts("ann")
    assert (await desk.sessions.record(other.id)).user_id == "bob"


def test_sqlite_does_overwrite_what_is_deleted(tmp_path: Path) -> None:
    """What the tests above search for would be found without the pragma: they can fail."""
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.execute("INSERT INTO words VALUES (?)", (WORDS,))
        connection.commit()
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("DELETE FROM words")
        connection.commit()
    assert WORDS.encode() in path.read_bytes()
