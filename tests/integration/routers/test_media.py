from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from adreel.services.storage_service import StorageService
from support.api import Api, Backend, opened_api, photo, served, with_services

CONTENT = hashlib.sha256(b"media").digest() * 40_000


@pytest.fixture
async def link(api: Api) -> str:
    """A signed link to a film of 1.28 MB."""
    return await stored(api.backend, CONTENT)


async def stored(backend: Backend, content: bytes, key: str = "sessions/s/films/film.mp4") -> str:
    path = backend.folder / "content"
    path.write_bytes(content)
    await backend.services.storage.upload_file(path, "video/mp4", key)
    return f"/media/{key}?{backend.services.links.sign(key, 600)}"


async def test_a_signed_link_gives_the_file(api: Api, link: str) -> None:
    answer = await api.http.get(link)
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_needs_no_login(guarded: Api) -> None:
    assert (await guarded.http.get(await stored(guarded.backend, b"film"))).content == b"film"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=1000-", 1000, len(CONTENT) - 1),
        ("bytes=-500", len(CONTENT) - 500, len(CONTENT) - 1),
        (f"bytes=5-{10 * len(CONTENT)}", 5, len(CONTENT) - 1),
        (f"bytes={len(CONTENT) - 1}-", len(CONTENT) - 1, len(CONTENT) - 1),
    ],
)
async def test_a_part_is_given(api: Api, link: str, wanted: str, first: int, last: int) -> None:
    answer = await api.http.get(link, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(last + 1 - first)


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-9", "pages=1-2", "bytes=", "bytes=9-5", "bytes=a-b", "bytes=-"])
async def test_several_parts_and_what_cannot_be_read_give_the_whole(api: Api, link: str, wanted: str) -> None:
    answer = await api.http.get(link, headers={"Range": wanted})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


@pytest.mark.parametrize("wanted", [f"bytes={len(CONTENT)}-", "bytes=-0", "bytes=99999999999-"])
async def test_there_are_no_bytes_behind_the_end(api: Api, link: str, wanted: str) -> None:
    answer = await api.http.get(link, headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_part_of_another_version_is_not_given(api: Api, link: str) -> None:
    etag = (await api.http.head(link)).headers["etag"]
    same = await api.http.get(link, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await api.http.get(link, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


async def test_what_the_client_has_is_not_sent_again(api: Api, link: str) -> None:
    etag = (await api.http.get(link)).headers["etag"]
    answer = await api.http.get(link, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_head_describes_without_sending(api: Api, link: str) -> None:
    answer = await api.http.head(link)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


async def test_a_download_gets_its_name(api: Api, link: str) -> None:
    answer = await api.http.get(link, params={**httpx.URL(link).params, "download": 'Café "Morgen"\r\nX: y.mp4'})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Caf_ MorgenX y.mp4\"; filename*=UTF-8''Caf%C3%A9%20MorgenX%20y.mp4"
    )
    assert "x" not in answer.headers


@pytest.mark.parametrize("change", ["signature=0", "expires=9999999999", "signature=é"])
async def test_a_link_that_was_changed_is_refused(api: Api, link: str, change: str) -> None:
    name, _, value = change.partition("=")
    refused = await api.http.get(link, params={**httpx.URL(link).params, name: value})
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:adreel:problem:forbidden"


@pytest.mark.parametrize(
    "query", ["", "?expires=9999999999", "?signature=0", "?expires=soon&signature=0", "?expires=٣&signature=0"]
)
async def test_a_file_without_a_signed_link_is_forbidden(api: Api, link: str, query: str) -> None:
    for method in ("GET", "HEAD"):
        refused = await api.http.request(method, link.partition("?")[0] + query)
        assert refused.status_code == 403
    assert (await api.http.get(f"/media/no/such/file{query}")).status_code == 403


async def test_a_link_opens_no_other_file(api: Api, link: str) -> None:
    other = link.replace("film.mp4", "other.mp4")
    await stored(api.backend, b"other", "sessions/s/films/other.mp4")
    assert (await api.http.get(other)).status_code == 403


@pytest.mark.parametrize("key", ["../adreel.db", "sessions/../../adreel.db", "/etc/passwd", "sessions/s/.hidden"])
async def test_even_a_signature_opens_nothing_outside(api: Api, key: str) -> None:
    query = api.services.links.sign(key, 600)
    path = key.replace("..", "%2e%2e").replace("/", "%2f")
    assert (await api.http.get(f"/media/{path}?{query}")).status_code in (403, 404)


async def test_a_file_that_has_gone_is_reported(api: Api, link: str) -> None:
    await api.services.storage.delete("sessions/s/films/film.mp4")
    assert (await api.http.get(link)).status_code == 404


async def test_files_kept_elsewhere_are_pointed_to(backend: Backend) -> None:
    class Elsewhere(StorageService):
        """A storage whose files a browser gets from another server."""

        async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
            return f"https://bucket.example/{key}?seconds={0 < seconds <= 1200}"

        def local_path(self, key: str) -> Path | None:
            return None

    link = await stored(backend, b"film")
    elsewhere = Elsewhere(backend.services.storage._store)  # pyright: ignore[reportPrivateUsage]
    async with opened_api(with_services(backend, storage=elsewhere)) as api:
        answer = await api.http.get(link)
        assert answer.status_code == 307
        assert answer.headers["location"] == "https://bucket.example/sessions/s/films/film.mp4?seconds=True"
        assert answer.headers["cache-control"] == "no-store"
        assert (await api.http.head(link)).headers["content-length"] == "4"


async def test_a_real_server_sends_files_whole_and_in_parts(backend: Backend) -> None:
    link = await stored(backend, CONTENT)
    async with served(backend) as server, httpx.AsyncClient(base_url=server.address, trust_env=False) as http:
        assert (await http.get(link)).content == CONTENT
        part = await http.get(link, headers={"Range": "bytes=300000-900000"})
        assert part.content == CONTENT[300_000:900_001]
        head = await http.head(link)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(CONTENT)))


async def test_links_carry_the_services_address_where_it_is_known(backend: Backend) -> None:
    from dataclasses import replace

    from support.api import LOCAL_OPTIONS

    async with opened_api(backend, replace(LOCAL_OPTIONS, public_url="http://localhost:8000")) as api:
        images = (await api.upload(await api.new_session(), photo())).json()["images"]
        assert images[0]["url"].startswith("http://localhost:8000/media/sessions/")
