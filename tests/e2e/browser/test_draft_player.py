"""The page's player of drafts in a real browser, over parts that come slowly: it plays before all of them are there."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from playwright.async_api import Browser

from adreel.domain.films.formats import SAMPLE_RATE
from adreel.media.audio.aac import encode_aac
from adreel.media.audio.samples import Samples
from adreel.media.fragments.coded import CodedPart, encode_part, read_sound
from adreel.media.fragments.stream import FragmentStream
from adreel.web.files import FOLDER
from support.browser import browser_test, until
from support.pictures import SMALL, moving

pytestmark = browser_test

FRAMES, PART = 90, 30
PAUSE = 0.4
"""Seconds between two parts, less than one lasts."""

PAGE = """<!doctype html><div id="draft"><video data-draft-film hidden></video><p data-draft-wait hidden></p>
<p data-draft-problem hidden></p><button data-draft-play>Play a draft</button></div>
<script type="module" src="/page.js"></script>"""
SCRIPT = """import { Draft } from "/js/draft.js";
window.words = "one";
window.draft = new Draft(document.querySelector("#draft"), "s", () => ({ aspect: "16:9", words: window.words }));"""


def part(first: int, seed: int) -> CodedPart:
    return encode_part(islice(moving(SMALL, FRAMES, seed), first, first + PART), SMALL, PART)


@dataclass
class Film:
    """The parts that are sent for each word that is asked for; `asked` are these words."""

    parts: dict[str, list[bytes]]
    asked: list[str] = field(default_factory=list[str])


@pytest.fixture
def film(tmp_path: Path) -> Film:
    samples: Samples = np.full((SAMPLE_RATE * FRAMES // 30, 2), 0.1, np.float32)
    samples[::50] = -0.1
    encode_aac(samples, tmp_path / "sound.m4a")
    sound = read_sound(tmp_path / "sound.m4a")
    parts: dict[str, list[bytes]] = {}
    for words, last in (("one", 1), ("two", 2)):
        stream = FragmentStream(SMALL, FRAMES, sound)
        parts[words] = [stream.add(part(first, 1 if first < FRAMES - PART else last)) for first in (0, 30, 60)]
    return Film(parts)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    film: ClassVar[Film]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """The page's own log is enough."""

    def do_GET(self) -> None:
        files = {"/": ("text/html", PAGE.encode()), "/page.js": ("text/javascript", SCRIPT.encode())}
        name = self.path.removeprefix("/js/")
        known = self.path.startswith("/js/") and name in {path.name for path in (FOLDER / "js").iterdir()}
        kind, body = (
            ("text/javascript", (FOLDER / "js" / name).read_bytes()) if known else files.get(self.path, ("", b""))
        )
        self._answer(200, kind, body)

    def do_POST(self) -> None:
        words = str(json.loads(self.rfile.read(int(self.headers["content-length"])))["words"])
        self.film.asked.append(words)
        if words not in self.film.parts:
            self._answer(422, "application/problem+json", b'{"detail": "there is no room for the words"}')
            return
        self.send_response(200)
        self.send_header("content-type", "video/mp4")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for sent in self.film.parts[words]:
            self.wfile.write(b"%x\r\n" % len(sent) + sent + b"\r\n")
            self.wfile.flush()
            time.sleep(PAUSE)
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def address(film: Film) -> Iterator[str]:
    Handler.film = film
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


FILM = "document.querySelector('video')"


async def test_a_draft_plays_before_it_is_whole_and_goes_on_at_what_an_edit_changed(
    browser: Browser, address: str, film: Film
) -> None:
    page = await browser.new_page()
    try:
        await page.goto(address)
        await page.get_by_role("button", name="Play a draft").click()
        await until(page, f"() => {FILM}.currentTime > 0.1")
        begun = await page.evaluate(f"() => [{FILM}.buffered.end(0), {FILM}.duration, {FILM}.videoWidth]")
        assert (begun[0] < begun[1], begun[2]) == (True, SMALL.width)
        assert begun[1] == pytest.approx(FRAMES / 30, abs=0.1)
        await until(page, f"() => {FILM}.ended")
        assert await page.evaluate(f"() => {FILM}.webkitAudioDecodedByteCount") > 0
        before = await page.evaluate(f"() => {FILM}.src")
        await page.evaluate("() => { window.words = 'two'; window.draft.changed(); }")
        await until(page, f"before => {FILM}.src !== before && {FILM}.readyState > 1", before)
        assert await page.evaluate(f"() => {FILM}.currentTime") >= (FRAMES - PART) / 30
        await page.evaluate("() => { window.words = 'too many'; window.draft.changed(); }")
        said = await until(page, "() => document.querySelector('[data-draft-problem]').textContent")
        assert said == "There is no room for the words."
        assert film.asked == ["one", "two", "too many"]
    finally:
        await page.close()
        await asyncio.sleep(0)
