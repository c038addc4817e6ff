from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from adreel.domain.sessions.stage import Action
from support.api import Api, photo
from support.films import film_of
from support.photo_files import jpeg_cut_short

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{ 7*7 }}"
FIRST_PAINT = 100 * 1024
GZIP = {"accept-encoding": "gzip"}


class Page(HTMLParser):
    """What a browser would make of a page: its elements, the texts, and what it fetches at once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.areas: dict[str, str] = {}
        self._area: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._area = dict(attrs).get("id") if tag == "textarea" else None
        if self._area is not None:
            self.areas[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        self._area = None

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._area is not None:
            self.areas[self._area] += data

    @property
    def screen(self) -> str | None:
        return next(attributes.get("data-screen") for tag, attributes in self.elements if tag == "main")

    def addresses(self) -> list[str]:
        """Styles, scripts and modules."""
        wanted = {"stylesheet", "modulepreload", "icon"}
        links = [given["href"] for tag, given in self.elements if tag == "link" and given.get("rel") in wanted]
        scripts = [given["src"] for tag, given in self.elements if tag == "script"]
        return [address for address in (*links, *scripts) if address]

    def with_attribute(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in attributes]


async def opened(api: Api, path: str) -> Page:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


async def ready_to_finish(api: Api) -> tuple[str, list[str]]:
    session_id, clips = await api.with_clips()
    body = {"session_id": session_id, "approved_clip_ids": clips, "clip_order": clips[::-1]}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    return session_id, clips


async def test_the_start_is_empty_at_first_and_then_lists_sessions(api: Api) -> None:
    empty = await opened(api, "/")
    assert empty.screen == "start"
    assert any("Nothing here yet" in text for text in empty.texts)
    session_id, _ = await api.with_images()
    page = await opened(api, "/")
    assert {"href": f"/s/{session_id}"} in [attributes for tag, attributes in page.elements if tag == "a"]
    assert any(attributes.get("data-film") == session_id for attributes in page.with_attribute("data-film"))


async def test_a_session_opens_at_the_step_that_it_calls_for(api: Api) -> None:
    new = await api.new_session()
    with_clips, _ = await api.with_clips()
    for session_id, step in ((new, "images"), (with_clips, "clips")):
        answer = await api.http.get(f"/s/{session_id}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/s/{session_id}/{step}")


@pytest.mark.parametrize("step", ["images", "clips", "finish", "result"])
async def test_every_step_can_be_looked_at_from_the_beginning_on(api: Api, step: str) -> None:
    session_id = await api.new_session()
    page = await opened(api, f"/s/{session_id}/{step}")
    assert page.screen == step


async def test_images_are_there_at_the_first_paint_with_what_was_chosen(api: Api) -> None:
    session_id, images = await api.with_images(3)
    body = {"session_id": session_id, "approved_image_ids": images[:2]}
    await api.http.post("/api/save-approved-images", json=body)
    page = await opened(api, f"/s/{session_id}/images")
    assert [each["data-image-id"] for each in page.with_attribute("data-image-id")] == images
    ticked = [each["value"] for tag, each in page.elements if tag == "input" and "checked" in each]
    assert ticked == images[:2]


async def test_a_photo_that_is_cut_short_and_a_clip_that_was_left_out_are_noted(api: Api) -> None:
    session_id = await api.new_session()
    await api.upload(session_id, jpeg_cut_short(), photo(1))
    texts = (await opened(api, f"/s/{session_id}/images")).texts
    (said,) = [text for text in texts if "cut short" in text]
    assert said.startswith("photo 0.jpg is cut short: its last ")
    finished, clips = await ready_to_finish(api)
    await film_of(api, finished, clips, 1, "Order", notes=("clip 2 is not in the film in 9:16: it is <black>",))
    answer = await api.http.get(f"/s/{finished}/result")
    assert "clip 2 is not in the film in 9:16: it is &lt;black&gt;" in answer.text


async def test_clips_are_there_in_their_order(api: Api) -> None:
    session_id, clips = await ready_to_finish(api)
    page = await opened(api, f"/s/{session_id}/clips")
    assert [each["data-clip-id"] for each in page.with_attribute("data-clip-id")] == clips[::-1]
    videos = [given for tag, given in page.elements if tag == "video" and "src" in given]
    assert len(videos) == len(clips)
    assert all({"playsinline", "muted", "poster"} <= set(given) and given["preload"] == "metadata" for given in videos)
    totals = page.with_attribute("data-prices")
    assert totals
    assert '"3": "0.00"' in str(totals[0]["data-prices"])
    assert totals[0]["data-aspects"] == '["16:9", "9:16", "1:1", "4:5"]'


async def test_work_under_way_is_shown_at_the_first_paint(api: Api) -> None:
    session_id, images = await api.with_images()
    body = {"session_id": session_id, "video_prompt": "calm", "clip_duration": 2.0}
    assert (await api.http.post("/api/generate-clips", json=body)).status_code == 200
    page = await opened(api, f"/s/{session_id}/clips")
    (main,) = page.with_attribute("data-screen")
    assert (main["data-busy"], main["data-stage"], main["data-seq"]) == ("yes", "clip_generation", "1")
    assert len(page.with_attribute("data-part")) == len(images)
    assert page.with_attribute("data-progress")
    assert page.with_attribute("data-cancel")


async def test_a_failure_is_reported_in_words(api: Api) -> None:
    session_id, _ = await api.with_images()
    record = await api.services.sessions.record(session_id)
    await api.services.sessions.begin(record.user_id, session_id, Action.GENERATE_CLIPS, "job-f", {"images": []})
    await api.services.sessions.fail("job-f", "the <b>provider</b> is out of order")
    answer = await api.http.get(f"/s/{session_id}/clips")
    assert "the &lt;b&gt;provider&lt;/b&gt; is out of order" in answer.text


async def test_the_form_of_the_film_knows_what_was_asked_for_last(api: Api) -> None:
    session_id, clips = await ready_to_finish(api)
    first = await opened(api, f"/s/{session_id}/finish")
    assert first.areas["cta"] == ""
    film = await film_of(api, session_id, clips, 1, "Order yours")
    page = await opened(api, f"/s/{session_id}/finish?film={film}")
    chosen = {
        str(each["name"]): each.get("value") for tag, each in page.elements if tag == "input" and "checked" in each
    }
    assert chosen["transition"] == "crossfade"
    assert chosen["music"] == "chill"
    assert page.areas["cta"] == "Order yours"
    assert next(each for each in page.elements if each[1].get("id") == "outro")[1]["value"] == "1.5"


async def test_films_stay_listed_and_formats_of_one_film_belong_together(api: Api) -> None:
    session_id, clips = await ready_to_finish(api)
    old = await film_of(api, session_id, clips, 1, "Order yours")
    wide = await film_of(api, session_id, clips, 2, "Today only")
    tall = await film_of(api, session_id, clips, 3, "Today only", "9:16")
    page = await opened(api, f"/s/{session_id}/result")
    assert page.screen == "result"
    assert [each["id"] for each in page.with_attribute("id") if str(each["id"]).startswith("other-")] == [
        f"other-{old}"
    ]
    downloads = [given["href"] for tag, given in page.elements if tag == "a" and "download" in given]
    assert downloads.pop() == f"/api/sessions/{session_id}/films.zip"
    assert len(downloads) == 2
    assert all("download=" in str(address) for address in downloads)
    shown = await opened(api, f"/s/{session_id}/result?film={tall}")
    assert any(given.get("id") == f"player-{tall}" for tag, given in shown.elements if tag == "video")
    assert any(given.get("id") == f"other-{old}" for given in shown.with_attribute("id"))
    assert wide != tall


async def test_what_people_write_stays_text(api: Api) -> None:
    session_id, clips = await ready_to_finish(api)
    named = await api.new_session(product_prompt=HOSTILE, video_prompt=HOSTILE)
    await api.upload(named, photo(1))
    film = await film_of(api, session_id, clips, 1, HOSTILE)
    key = (await api.http.post("/api/auth/keys", json={"name": HOSTILE})).json()
    paths = ["/", f"/s/{named}/images", f"/s/{session_id}/finish?film={film}", f"/s/{session_id}/result", "/settings"]
    assert key["name"] == HOSTILE
    for path in paths:
        page = await opened(api, path)
        assert all(given.get("src") for tag, given in page.elements if tag == "script"), path
        assert not [given for _, given in page.elements if "onerror" in given], path
        assert not [text for text in page.texts if "49" in text and "{{" not in text and "7*7" in text], path
    start = await opened(api, "/")
    assert any(HOSTILE.partition("\n")[0] in text for text in start.texts)


async def test_pages_load_nothing_but_their_own_and_say_so(api: Api) -> None:
    answer = await api.http.get("/")
    rules = answer.headers["content-security-policy"]
    assert "script-src 'self';" in rules
    assert "unsafe" not in rules
    assert "http" not in rules
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert all(address.startswith("/static/") for address in Page(answer.text).addresses())


async def test_static_files_are_kept_for_ever_under_their_version(api: Api) -> None:
    (address, *_) = Page((await api.http.get("/")).text).addresses()
    answer = await api.http.get(address, headers=GZIP)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    version = address.split("/")[2]
    other = await api.http.get(address.replace(version, "0" * 16))
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")
    assert other.content == answer.content
    plain = await api.http.get(address, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


@pytest.mark.parametrize("path", ["css/none.css", "../pages.py", "..%2Fpages.py", "%2e%2e/templates/base.html", ""])
async def test_nothing_else_is_served_as_a_file(api: Api, path: str) -> None:
    assert (await api.http.get(f"/static/0/{path}", follow_redirects=True)).status_code in (400, 404)


@pytest.mark.parametrize("path", ["/", "/images", "/clips", "/finish", "/result", "/settings"])
async def test_the_first_paint_is_light(api: Api, path: str) -> None:
    """All that is transferred before something can be done, without media."""
    session_id, clips = await ready_to_finish(api)
    await film_of(api, session_id, clips, 1, "Order yours")
    address = path if path in ("/", "/settings") else f"/s/{session_id}{path}"
    sizes = [len(await _sent(api, address))]
    sizes += [len(await _sent(api, each)) for each in set(Page((await api.http.get(address)).text).addresses())]
    assert sum(sizes) < FIRST_PAINT
    assert len(sizes) < 26


async def _sent(api: Api, address: str) -> bytes:
    """As it goes over the wire."""
    request = api.http.build_request("GET", address, headers=GZIP)
    answer = await api.http.send(request, stream=True)
    assert answer.headers["content-encoding"] == "gzip"
    return b"".join([chunk async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/s/none/images", "/s/none", "/s/none/elsewhere", "/s/a%20b/images", "/?cursor=x"])
async def test_what_is_not_there_is_reported_on_a_page(api: Api, path: str) -> None:
    answer = await api.http.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"].startswith("text/html")
    assert Page(answer.text).screen == "error"


async def test_the_page_is_no_part_of_the_api(api: Api) -> None:
    document = (await api.http.get("/api/openapi.json")).json()
    assert not [path for path in document["paths"] if re.match(r"/(?:s/|static|login|logout|settings|$)", path)]


async def test_settings_show_keys_without_the_keys_themselves(api: Api) -> None:
    await api.http.get("/")
    issued = (await api.http.post("/api/auth/keys", json={"name": "nightly export"})).json()
    answer: httpx.Response = await api.http.get("/settings")
    assert "nightly export" in answer.text
    assert issued["key"] not in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/s", "/settings/none"])
async def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(api: Api, path: str) -> None:
    page = await api.http.get(path, headers={"accept": "text/html,*/*"}, follow_redirects=True)
    assert (page.status_code, Page(page.text).screen) == (404, "error")
    program = await api.http.get(path, follow_redirects=True)
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")


async def test_the_api_answers_every_client_in_its_own_way(api: Api) -> None:
    answer = await api.http.get("/api/nowhere", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
