from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from adreel.domain.errors import StorageError
from adreel.domain.remedy import Remedy
from adreel.services.storage.s3_client import S3Config
from adreel.services.storage.s3_store import S3Bucket, S3Store
from support.http import Asked, Site

if TYPE_CHECKING:
    from support.s3 import S3Server

KEY = "sessions/one/film.mp4"
CONTENT = bytes(range(256)) * 4
CLOSING = "Connection: close\r\n"
"""Said by servers of few words, so that no client asks again on a connection that is about to end."""


@pytest.fixture
def config(s3_server: S3Server) -> S3Config:
    return s3_server.config()


@pytest.fixture
async def store(config: S3Config) -> AsyncIterator[S3Store]:
    made = S3Store(config)
    yield made
    await made.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


async def _link(store: S3Store, seconds: int = 60) -> str:
    link = await store.link(KEY, seconds)
    assert link is not None
    return link


def _get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=30)


async def test_a_link_opens_the_file_without_credentials(store: S3Store, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    answer = await asyncio.to_thread(_get, await _link(store))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert (await asyncio.to_thread(_get, store.url(KEY))).status_code == 403


async def test_a_link_plays_from_anywhere(store: S3Store, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    answer = await asyncio.to_thread(_get, await _link(store), Range="bytes=100-199")
    assert (answer.status_code, answer.content) == (206, CONTENT[100:200])
    assert answer.headers["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"


async def test_a_link_can_say_under_which_name_the_file_is_to_be_kept(store: S3Store, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    link = await store.link(KEY, 60, "attachment; filename=\"Mug 9x16.mp4\"; filename*=UTF-8''Mug%209x16.mp4")
    answer = await asyncio.to_thread(_get, link or "")
    assert answer.content == CONTENT
    assert answer.headers["content-disposition"].startswith('attachment; filename="Mug 9x16.mp4"')


async def test_a_link_ends(store: S3Store, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    link = await _link(store, 1)
    await asyncio.sleep(2.5)
    assert (await asyncio.to_thread(_get, link)).status_code == 403


async def test_a_link_opens_nothing_else(store: S3Store, film: Path) -> None:
    await store.put(film, KEY, "video/mp4")
    await store.put(film, "sessions/two/film.mp4", "video/mp4")
    link = await _link(store)
    for changed in (link.replace("/one/", "/two/"), link[:-4] + "0000", link.replace("Expires=60", "Expires=61")):
        assert changed != link
        assert (await asyncio.to_thread(_get, changed)).status_code == 403


async def test_links_name_the_server_as_browsers_know_it(config: S3Config, film: Path) -> None:
    assert config.endpoint is not None
    public = config.endpoint.replace("127.0.0.1", "localhost")
    store = S3Store(replace(config, public_url=public))
    await store.put(film, KEY, "video/mp4")
    link = await _link(store)
    assert link.startswith(f"{public}/{config.bucket}/{KEY}?")
    assert store.key_of(link) == KEY
    assert store.url(KEY) == f"{config.endpoint}/{config.bucket}/{KEY}"
    assert (await asyncio.to_thread(_get, link)).content == CONTENT
    await store.close()


async def test_large_files_are_sent_in_parts(config: S3Config, s3_server: S3Server, tmp_path: Path) -> None:
    store = S3Store(config)
    large = tmp_path / "large.mp4"
    large.write_bytes(CONTENT * (20 * 1024))
    await store.put(large, KEY, "video/mp4")
    head = s3_server.client().head_object(Bucket=config.bucket, Key=KEY)
    assert head["ContentLength"] == 20 * 1024 * 1024
    assert head["ETag"].strip('"').endswith("-3")
    await store.fetch(KEY, tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == large.read_bytes()
    await store.close()


async def test_more_files_than_one_page_holds_are_deleted(config: S3Config, s3_server: S3Server) -> None:
    client = s3_server.client()
    for index in range(23):
        client.put_object(Bucket=config.bucket, Key=f"sessions/1/{index:02d}.json", Body=b"{}")
    store = S3Store(replace(config, page_size=5))
    assert await store.delete_prefix("sessions/1") == 23
    assert client.list_objects_v2(Bucket=config.bucket)["KeyCount"] == 0
    await store.close()


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"secret_key": "wrong"}, "check the access key and the secret key"),
        ({"access_key": "nobody"}, "check the access key and the secret key"),
    ],
)
async def test_wrong_credentials_name_the_setting(
    config: S3Config, film: Path, changes: dict[str, str], advice: str
) -> None:
    store = S3Store(replace(config, **changes))
    for call in (store.put(film, KEY, "video/mp4"), store.fetch(KEY, film), store.stat(KEY), store.check()):
        with pytest.raises(StorageError, match=advice) as caught:
            await call
        assert caught.value.remedy is Remedy.BUCKET_KEYS
        assert not caught.value.retryable
    await store.close()


async def test_a_missing_bucket_names_the_setting(config: S3Config, film: Path) -> None:
    store = S3Store(replace(config, bucket="not-there"))
    for call in (store.put(film, KEY, "video/mp4"), store.delete_prefix("sessions"), store.check()):
        with pytest.raises(StorageError, match=r"bucket not-there.*set another one") as caught:
            await call
        assert caught.value.remedy is Remedy.BUCKET
        assert not caught.value.retryable
    await store.close()


async def test_a_server_that_is_down_may_be_tried_again(config: S3Config, film: Path, closed_port: int) -> None:
    store = S3Store(replace(config, endpoint=f"http://127.0.0.1:{closed_port}", attempts=1))
    for call in (store.put(film, KEY, "video/mp4"), store.fetch(KEY, film), store.stat(KEY), store.check()):
        with pytest.raises(StorageError, match="cannot be reached; check its address") as caught:
            await call
        assert caught.value.remedy is Remedy.BUCKET_ADDRESS
        assert caught.value.retryable
    assert film.read_bytes() == CONTENT
    await store.close()


@pytest.mark.parametrize("content", [CONTENT, b""], ids=["some", "empty"])
async def test_a_fetch_that_was_given_up_writes_nothing(config: S3Config, tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "target" / "film.mp4"
    source.write_bytes(content)
    bucket = S3Bucket(config)
    bucket.put(source, KEY, "video/mp4")
    reported: list[int] = []
    bucket.fetch(KEY, tmp_path / "other.mp4", reported.append)
    assert sum(reported) == len(content)

    def give_up(_bytes: int) -> None:
        raise StorageError("given up")

    with pytest.raises(StorageError, match="given up"):
        bucket.fetch(KEY, target, give_up)
    bucket.close()
    assert list(target.parent.iterdir()) == []


async def test_a_cancelled_fetch_writes_nothing_later_on(tmp_path: Path) -> None:
    asked_for, cancelled = asyncio.Event(), asyncio.Event()
    head = f"HTTP/1.1 200 OK\r\n{CLOSING}Content-Length: {len(CONTENT)}\r\n\r\n".encode()

    async def answer(asked: Asked) -> bytes:
        if asked.method == "HEAD":
            return head
        asked_for.set()
        await cancelled.wait()
        return head + CONTENT

    async with Site(answer) as site:
        store = _store_at(site)
        fetch = asyncio.create_task(store.fetch(KEY, tmp_path / "new" / "film.mp4"))
        await asyncio.wait_for(asked_for.wait(), 60)
        fetch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetch
        cancelled.set()
        await store.close()
    assert list((tmp_path / "new").iterdir()) == []


async def test_the_event_loop_goes_on_while_files_travel(store: S3Store, film: Path) -> None:
    threads: set[str] = set()
    put = asyncio.create_task(store.put(film, KEY, "video/mp4"))
    turns = 0
    while not put.done():
        await asyncio.sleep(0.001)
        turns += 1
        threads |= {thread.name for thread in threading.enumerate()}
    await put
    assert turns > 1
    assert any(name.startswith("adreel-s3") for name in threads)


class Answers:
    """A minimal S3 server: gives the answers that were set, and records the requests."""

    def __init__(self, status: int = 200, code: str = "", length: int = len(CONTENT)) -> None:
        self.status = status
        self.code = code
        self.length = length

    async def __call__(self, asked: Asked) -> bytes:
        if asked.method == "HEAD":
            return f"HTTP/1.1 200 OK\r\n{CLOSING}Content-Length: {self.length}\r\n\r\n".encode()
        body = f"<Error><Code>{self.code}</Code><Message>no</Message></Error>" if self.code else ""
        return f"HTTP/1.1 {self.status} X\r\n{CLOSING}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _store_at(site: Site, acl: str | None = None, checksums: bool = True) -> S3Store:
    word = "any"
    config = S3Config("b", endpoint=site.url, access_key=word, secret_key=word, attempts=1)
    return S3Store(replace(config, acl=acl, checksums=checksums))


async def test_no_acl_is_sent_unless_asked_for(film: Path) -> None:
    async with Site(Answers()) as site:
        for acl in (None, "public-read"):
            store = _store_at(site, acl)
            await store.put(film, KEY, "video/mp4")
            await store.close()
        plain, public = [asked for asked in site.asked if asked.method == "PUT"]
    assert "x-amz-acl" not in plain.headers
    assert public.headers["x-amz-acl"] == "public-read"
    assert plain.headers["content-type"] == "video/mp4"


async def test_checksums_are_sent_unless_turned_off(film: Path) -> None:
    async with Site(Answers()) as site:
        for checksums in (True, False):
            store = _store_at(site, checksums=checksums)
            await store.put(film, KEY, "video/mp4")
            await store.close()
        checked, bare = [asked for asked in site.asked if asked.method == "PUT"]
    assert any(name.startswith(("x-amz-checksum-", "x-amz-trailer")) for name in checked.headers)
    assert not any(name.startswith(("x-amz-checksum-", "x-amz-trailer")) for name in bare.headers)
    assert bare.body == CONTENT


async def test_a_file_that_arrives_short_is_not_called_stored(film: Path) -> None:
    async with Site(Answers(length=len(CONTENT) - 1)) as site:
        store = _store_at(site)
        with pytest.raises(StorageError, match="has 1023 bytes in bucket b instead of 1024") as caught:
            await store.put(film, KEY, "video/mp4", move=True)
        await store.close()
    assert caught.value.retryable
    assert film.exists()


@pytest.mark.parametrize(
    ("status", "code", "reported", "remedy"),
    [
        (503, "SlowDown", "503 SlowDown", None),
        (500, "InternalError", "500 InternalError", None),
        (429, "TooManyRequests", "429 TooManyRequests", None),
        (400, "InvalidRequest", "400 InvalidRequest", None),
        (400, "AuthorizationHeaderMalformed", "in another region", Remedy.BUCKET_REGION),
        (400, "AccessControlListNotSupported", "takes no ACLs", Remedy.BUCKET_ACL),
        (403, "RequestTimeTooSkewed", "clock", None),
        (403, "AccessDenied", "check the access key", Remedy.BUCKET_KEYS),
    ],
)
async def test_what_the_server_answers_decides(
    film: Path, status: int, code: str, reported: str, remedy: Remedy | None
) -> None:
    async with Site(Answers(status, code)) as site:
        store = _store_at(site)
        with pytest.raises(StorageError, match=reported) as caught:
            await store.put(film, KEY, "video/mp4")
        await store.close()
    assert caught.value.retryable is (status in (429, 500, 503))
    assert caught.value.remedy is remedy
