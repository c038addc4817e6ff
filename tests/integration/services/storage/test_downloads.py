from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from adreel.domain.errors import DownloadError
from adreel.services.storage.download_types import Downloaded, DownloadLimits
from adreel.services.storage.downloads import Downloader
from support.http import Asked, Site

CERTIFICATE = Path(__file__).with_name("tls") / "photos.example.pem"
LOCAL = ("127.0.0.1",)
CONTENT = b"0123456789" * 1000


def page(body: bytes = CONTENT, kind: str = "video/mp4", status: int = 200, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode() + body


def moved(target: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


async def answer_page(asked: Asked) -> bytes:
    return page()


def site_saying(answer: bytes) -> Site:
    async def say(asked: Asked) -> bytes:
        return answer

    return Site(say)


class Names:
    """A resolver that answers from a list, one entry for each question; the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "clip.mp4"


def left(target: Path) -> list[Path]:
    return list(target.parent.iterdir()) if target.parent.exists() else []


async def refused(downloader: Downloader, url: str, target: Path, match: str, *, retryable: bool) -> None:
    with pytest.raises(DownloadError, match=match) as caught:
        await downloader.fetch(url, target)
    assert caught.value.retryable is retryable
    assert left(target) == []


async def test_a_file_comes_whole_and_says_what_it_is(target: Path) -> None:
    async with Site(answer_page) as site:
        got = await Downloader(allowed_hosts=LOCAL).fetch(f"{site.url}/clip.mp4?token=1#part", target)
    assert got == Downloaded(len(CONTENT), "video/mp4")
    assert target.read_bytes() == CONTENT
    assert left(target) == [target]
    assert site.asked[0].target == "/clip.mp4?token=1"


async def test_nothing_of_ours_is_sent(target: Path) -> None:
    async with Site(answer_page) as site:
        await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
    assert set(site.asked[0].headers) == {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert site.asked[0].headers["accept-encoding"] == "identity"


async def test_no_proxy_of_the_environment_is_used(target: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from adreel.services.storage.downloads import Downloader;"
        "asyncio.run(Downloader(allowed_hosts=['127.0.0.1']).fetch(sys.argv[1], Path(sys.argv[2])))"
    )
    async with Site(answer_page) as site, Site(answer_page) as proxy:
        environment = {**os.environ, "HTTP_PROXY": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": ""}
        command = [sys.executable, "-c", code, site.url, str(target)]
        await asyncio.to_thread(subprocess.run, command, env=environment, check=True, timeout=60)
    assert (len(site.asked), proxy.asked) == (1, [])
    assert target.read_bytes() == CONTENT


async def test_cookies_of_one_hop_are_not_sent_to_the_next(target: Path) -> None:
    async def answer(asked: Asked) -> bytes:
        if asked.target == "/":
            return moved("/next").replace(b"\r\nLocation", b"\r\nSet-Cookie: a=b; Path=/\r\nLocation")
        return page()

    async with Site(answer) as site:
        await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
    assert [asked.target for asked in site.asked] == ["/", "/next"]
    assert "cookie" not in site.asked[1].headers


async def test_hosts_of_our_own_network_are_refused(target: Path) -> None:
    async with Site(answer_page) as site:
        tls = site.url.replace("http:", "https:")
        await refused(Downloader(), tls, target, "127.0.0.1 is not on the public internet", retryable=False)
        await refused(Downloader(), tls.replace("127.0.0.1", "localhost"), target, "localhost is not", retryable=False)
        await refused(Downloader(), tls.replace("127.0.0.1", "2130706433"), target, "is not on", retryable=False)
        await refused(Downloader(), tls.replace("127.0.0.1", "[::1]"), target, "is not on", retryable=False)
    assert site.asked == []


async def test_one_inner_address_among_public_ones_is_enough_to_refuse(target: Path) -> None:
    names = Names(["93.184.216.34", "10.0.0.1"])
    await refused(Downloader(resolver=names), "https://photos.example/a", target, "photos.example is", retryable=False)


async def test_a_redirect_into_our_network_is_refused(target: Path) -> None:
    async with Site(answer_page) as inner, site_saying(moved(f"https://localhost:{inner.port}/secret")) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "localhost is not on", retryable=False)
    assert len(site.asked) == 1
    assert inner.asked == []


async def test_an_allowed_host_with_a_port_allows_no_other_port(target: Path) -> None:
    async with Site(answer_page) as inner, site_saying(moved(f"http://127.0.0.1:{inner.port}/")) as site:
        downloader = Downloader(allowed_hosts=[f"127.0.0.1:{site.port}"])
        await refused(downloader, site.url, target, "is not an https URL", retryable=False)
    assert (len(site.asked), inner.asked) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(target: Path, status: int) -> None:
    async def answer(asked: Asked) -> bytes:
        return moved("../clip.mp4", status) if asked.target == "/a/b" else page()

    async with Site(answer) as site:
        await Downloader(allowed_hosts=LOCAL).fetch(f"{site.url}/a/b", target)
    assert site.asked[1].target == "/clip.mp4"
    assert target.read_bytes() == CONTENT


async def test_endless_redirects_end(target: Path) -> None:
    async with site_saying(moved("/again")) as site:
        downloader = Downloader(DownloadLimits(redirects=2), allowed_hosts=LOCAL)
        await refused(downloader, site.url, target, "redirects more than 2 times", retryable=False)
    assert len(site.asked) == 3


async def test_a_redirect_to_other_kinds_of_url_is_refused(target: Path) -> None:
    for place in ("file:///etc/passwd", "ftp://127.0.0.1/a", "https://", "//user:word@127.0.0.1/"):
        async with site_saying(moved(place)) as site:
            with pytest.raises(DownloadError) as caught:
                await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
        assert not caught.value.retryable
        assert left(target) == []


async def test_a_redirect_to_what_is_no_url_is_refused(target: Path) -> None:
    async with site_saying(moved("http://[::1")) as site:
        with pytest.raises(DownloadError, match="cannot be fetched"):
            await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
    assert left(target) == []


async def test_a_body_without_end_is_cut_off(target: Path) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            sent += 1
            yield b"10000\r\n" + b"x" * 65536 + b"\r\n"

    async def answer(asked: Asked) -> AsyncIterator[bytes]:
        return endless()

    async with Site(answer) as site:
        downloader = Downloader(DownloadLimits(max_bytes=3_000_000), allowed_hosts=LOCAL)
        await refused(downloader, site.url, target, "is larger than 3000000 bytes", retryable=False)
    assert sent * 65536 < 30_000_000


async def test_what_says_that_it_is_too_large_is_not_fetched(target: Path) -> None:
    async with site_saying(page(length=10**12)) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "is larger than", retryable=False)


async def test_a_body_that_drips_is_given_up(target: Path) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 100000\r\n\r\n"
        while True:
            yield b"x"
            await asyncio.sleep(0.02)

    async def answer(asked: Asked) -> AsyncIterator[bytes]:
        return drip()

    async with Site(answer) as site:
        downloader = Downloader(DownloadLimits(seconds=1.0), allowed_hosts=LOCAL)
        await refused(downloader, site.url, target, "was not there after 1 seconds", retryable=True)


async def test_a_server_that_says_nothing_is_given_up(target: Path) -> None:
    async def wait(asked: Asked) -> bytes:
        await asyncio.sleep(30)
        return b""

    async with Site(wait) as site:
        downloader = Downloader(DownloadLimits(idle_seconds=0.3), allowed_hosts=LOCAL)
        await refused(downloader, site.url, target, "does not answer", retryable=True)


async def test_a_file_that_breaks_off_is_no_file(target: Path) -> None:
    target.parent.mkdir()
    async with site_saying(page(length=len(CONTENT) + 1)) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "cannot be fetched", retryable=True)
        target.write_bytes(b"as it was")
        with pytest.raises(DownloadError):
            await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
    assert target.read_bytes() == b"as it was"


async def test_a_length_that_contradicts_the_body_is_no_length(target: Path) -> None:
    both = b"HTTP/1.1 200 X\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    async with site_saying(both) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "broke off after 3 of 9", retryable=True)


async def test_only_types_that_are_wanted_are_fetched(target: Path) -> None:
    limits = DownloadLimits(content_types=("image/*", "video/mp4"))
    for kind in ("image/webp", "VIDEO/MP4; codecs=avc1"):
        async with site_saying(page(kind=kind)) as site:
            await Downloader(allowed_hosts=LOCAL).fetch(site.url, target, limits)
        target.unlink()
    for kind in ("text/html", "video/webm", "", "image"):
        async with site_saying(page(kind=kind)) as site:
            await refused(Downloader(limits, LOCAL), site.url, target, r"wanted: image/\*, video/mp4", retryable=False)


async def test_packed_bodies_are_refused(target: Path) -> None:
    packed = page().replace(b"\r\nContent-Length", b"\r\nContent-Encoding: gzip\r\nContent-Length")
    async with site_saying(packed) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "comes packed", retryable=False)


@pytest.mark.parametrize(
    ("status", "retryable"), [(404, False), (403, False), (206, False), (204, False), (429, True), (500, True)]
)
async def test_the_status_decides_whether_to_try_again(target: Path, status: int, retryable: bool) -> None:
    async with site_saying(page(status=status)) as site:
        await refused(Downloader(allowed_hosts=LOCAL), site.url, target, f"answers {status}", retryable=retryable)


@pytest.mark.parametrize(
    "url",
    ["http://photos.example/", "https://me:word@photos.example/", "file:///etc/passwd", "ftp://photos.example/", "x",
     "https:///a", "https://photos.example:0/", "https://photos.example:99999/", "https://[::1", "https://a\x00b/"],
)  # fmt: skip
async def test_other_urls_are_refused_before_anyone_is_asked(target: Path, url: str) -> None:
    names = Names(["93.184.216.34"])
    with pytest.raises(DownloadError) as caught:
        await Downloader(resolver=names).fetch(url, target)
    assert not caught.value.retryable
    assert "word" not in str(caught.value)
    assert names.asked == []


async def test_messages_hold_no_signature(target: Path) -> None:
    async with site_saying(page(status=403)) as site:
        with pytest.raises(DownloadError) as caught:
            await Downloader(allowed_hosts=LOCAL).fetch(f"{site.url}/a?X-Amz-Signature=hidden", target)
    assert "hidden" not in str(caught.value)


async def test_a_server_that_is_down_may_be_tried_again(target: Path) -> None:
    async with Site(answer_page) as site:
        pass
    await refused(Downloader(allowed_hosts=LOCAL), site.url, target, "cannot be fetched", retryable=True)


async def test_the_next_address_is_tried_when_one_does_not_answer(target: Path) -> None:
    async with Site(answer_page) as site:
        downloader = Downloader(allowed_hosts=["photos.example"], resolver=Names(["::1", "127.0.0.1"]))
        await downloader.fetch(f"http://photos.example:{site.port}/", target)
    assert target.read_bytes() == CONTENT


async def test_the_connection_goes_to_the_address_that_was_checked(target: Path) -> None:
    """The name means another address as soon as it was asked for: asking again would lead there."""
    async with Site(answer_page) as good:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        downloader = Downloader(allowed_hosts=["photos.example"], resolver=names)
        await downloader.fetch(f"http://photos.example:{good.port}/", target)
    assert names.asked == [("photos.example", good.port)]
    assert good.asked[0].headers["host"] == f"photos.example:{good.port}"
    assert target.read_bytes() == CONTENT


async def test_a_name_that_turns_private_between_hops_is_refused(target: Path) -> None:
    async with site_saying(moved("https://turning.example/secret")) as site:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        downloader = Downloader(allowed_hosts=["photos.example"], resolver=names)
        url = f"http://photos.example:{site.port}/"
        await refused(downloader, url, target, "turning.example is not on the public", retryable=False)


async def test_the_certificate_must_be_that_of_the_name(target: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CERTIFICATE)
    shown: list[str | None] = []

    def note(connection: object, name: str | None, context: object) -> None:
        shown.append(name)

    server.sni_callback = note
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    hosts = ["photos.example", "other.example"]
    async with Site(answer_page, tls=server) as site:
        downloader = Downloader(allowed_hosts=hosts, resolver=Names(LOCAL), ssl_context=trusting)
        other = f"https://other.example:{site.port}/"
        await refused(downloader, other, target, "is not trusted", retryable=False)
        untrusting = Downloader(allowed_hosts=hosts, resolver=Names(LOCAL))
        await refused(untrusting, f"https://photos.example:{site.port}/", target, "is not trusted", retryable=False)
        await downloader.fetch(f"https://photos.example:{site.port}/clip", target)
    assert shown == ["other.example", "photos.example", "photos.example"]
    assert [asked.headers["host"] for asked in site.asked] == [f"photos.example:{site.port}"]
    assert target.read_bytes() == CONTENT


async def test_giving_up_leaves_nothing(target: Path) -> None:
    begun = asyncio.Event()

    async def wait(asked: Asked) -> bytes:
        begun.set()
        await asyncio.sleep(30)
        return b""

    async with Site(wait) as site:
        fetch = asyncio.create_task(Downloader(allowed_hosts=LOCAL).fetch(site.url, target))
        await asyncio.wait_for(begun.wait(), 60)
        fetch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetch
    assert left(target) == []


async def test_a_target_that_cannot_be_written_is_named(target: Path) -> None:
    target.mkdir(parents=True)
    async with Site(answer_page) as site:
        with pytest.raises(DownloadError, match=r"cannot write .*clip\.mp4"):
            await Downloader(allowed_hosts=LOCAL).fetch(site.url, target)
    assert left(target) == [target]
