"""The stand-in itself, over plain HTTP and without adreel's adapter."""

from __future__ import annotations

import asyncio
import http.server
import io
import json
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from adreel.catalogue.loader import load_catalogue
from adreel.providers.replicate.webhooks import verify
from adreel.testing.replicate.render import seed_colour
from support.replicate import StandIn

Json = dict[str, Any]

CATALOGUE = load_catalogue()
SEEDANCE = "bytedance/seedance-1-pro-fast"
FILM: Json = {"prompt": "a bottle", "duration": 2, "seed": 7}


class Caller:
    """Calls with any token."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._http = httpx.Client(trust_env=False, timeout=60, headers={"authorization": "Bearer any"})

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return self._http.post(f"{self._stand_in.api}{path}", json=body, headers=headers)

    def get(self, path: str) -> Json:
        return self._http.get(f"{self._stand_in.api}{path}").raise_for_status().json()

    def create(self, model: str, given: Json, **more: object) -> Json:
        return self._order(model, {"input": given, **more}).raise_for_status().json()

    def made(self, model: str, given: Json) -> Json:
        """A prediction that has ended."""
        return self._order(model, {"input": given}, prefer="wait=30").raise_for_status().json()

    def _order(self, model: str, body: Json, **headers: str) -> httpx.Response:
        """An official model is ordered by its name, a community model by its version."""
        if ":" in model:
            return self.post("/predictions", {"version": model, **body}, **headers)
        return self.post(f"/models/{model}/predictions", body, **headers)

    def download(self, url: str) -> httpx.Response:
        return httpx.get(url, trust_env=False, timeout=60)


@pytest.fixture
def caller(stand_in: StandIn) -> Caller:
    return Caller(stand_in)


class Listener:
    """A web server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        came = self.came

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Nothing on the terminal."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    running = Listener()
    yield running
    running.stop()


async def told(stand_in: StandIn, count: int) -> list[Json]:
    """The deliveries, once there are so many."""
    async with asyncio.timeout(30):
        while True:
            deliveries = stand_in.deliveries()
            if len(deliveries) >= count:
                return deliveries
            await asyncio.sleep(0.02)


def test_a_call_without_a_token_is_refused(stand_in: StandIn) -> None:
    answer = httpx.get(f"{stand_in.api}/predictions", trust_env=False)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_picture_has_the_colour_of_its_seed_and_the_size_of_its_aspect(caller: Caller) -> None:
    given = {"prompt": "x", "seed": 5, "aspect_ratio": "9:16", "output_format": "png"}
    prediction = caller.made("black-forest-labs/flux-1.1-pro", given)
    picture = Image.open(io.BytesIO(caller.download(prediction["output"]).content))
    assert picture.size == (576, 1024)
    assert picture.getpixel((5, 1000)) == seed_colour(5)


def test_several_pictures_differ(caller: Caller) -> None:
    prediction = caller.made(CATALOGUE.images["sdxl"].reference, {"prompt": "x", "seed": 5, "num_outputs": 2})
    first, second = (caller.download(url).content for url in prediction["output"])
    assert first != second


def test_an_image_that_is_none_fails(caller: Caller) -> None:
    prediction = caller.made(SEEDANCE, {**FILM, "image": "data:image/png;base64,AAAA"})
    assert prediction["status"] == "failed"
    assert "cannot open the image" in prediction["error"]


def test_damaged_outputs(stand_in: StandIn, caller: Caller) -> None:
    url = caller.made(SEEDANCE, FILM)["output"]
    whole = caller.download(url).content
    stand_in.fault("truncated")
    half = caller.download(url)
    assert half.content == whole[: len(whole) // 2]
    stand_in.fault("corrupt", seed=7)
    corrupt = caller.download(url).content
    assert len(corrupt) == len(whole)
    assert corrupt != whole
    stand_in.fault("wrong_length")
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        caller.download(url)
    stand_in.fault("redirect", text="http://127.0.0.1:1/elsewhere")
    assert caller.download(url).headers["location"] == "http://127.0.0.1:1/elsewhere"
    stand_in.fault("missing")
    assert caller.download(url).status_code == 404
    assert caller.download(url).content == whole


def test_a_fault_strikes_only_what_it_is_meant_for(stand_in: StandIn, caller: Caller) -> None:
    stand_in.fault("failed", seed=8, times=2)
    stand_in.fault("server_error", model="meta/meta-llama-3-70b-instruct")
    assert caller.made(SEEDANCE, FILM)["status"] == "succeeded"
    assert caller.made(SEEDANCE, {**FILM, "seed": 8})["status"] == "failed"
    waiting = [(fault["fault"], fault["times"]) for fault in stand_in.waiting_faults()]
    assert waiting == [("failed", 1), ("server_error", 1)]


def test_a_fault_that_does_not_exist_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        stand_in.fault("earthquake")


def test_the_bill_has_every_accepted_order_once(stand_in: StandIn, caller: Caller) -> None:
    caller.made(SEEDANCE, FILM)
    caller.post(f"/models/{SEEDANCE}/predictions", {"input": {"duration": 99}})
    stand_in.fault("aborted")
    caller.made(SEEDANCE, FILM)
    bill = stand_in.billing()
    assert [(entry["status"], entry["price"], entry["charged"]) for entry in bill["entries"]] == [
        ("succeeded", "0.12", "0.12"),
        ("aborted", "0.12", "0"),
    ]
    assert bill["total"] == "0.12"


async def test_webhooks_are_signed_and_sent_once_each(stand_in: StandIn, caller: Caller, listener: Listener) -> None:
    prediction = caller.create(SEEDANCE, FILM, webhook=listener.url, webhook_events_filter=["start", "completed"])
    assert [delivery["result"] for delivery in await told(stand_in, 2)] == ["204", "204"]
    for headers, body in listener.came:
        verify(stand_in.webhook_secret, headers, body, datetime.now(UTC))
        assert json.loads(body)["id"] == prediction["id"]
    # In any order: each is sent on its own, as the real ones are.
    assert "succeeded" in {json.loads(body)["status"] for _, body in listener.came}


async def test_webhooks_come_twice_or_never_on_request(stand_in: StandIn, caller: Caller, listener: Listener) -> None:
    stand_in.fault("webhook_lost", seed=1)
    stand_in.fault("webhook_duplicate", seed=2)
    for seed in (1, 2):
        caller.create(SEEDANCE, {**FILM, "seed": seed}, webhook=listener.url, webhook_events_filter=["completed"])
    deliveries = await told(stand_in, 3)
    assert sorted(delivery["result"] for delivery in deliveries) == ["204", "204", "lost"]
    assert len({headers["webhook-id"] for headers, _ in listener.came}) == 1
    assert len(listener.came) == 2


async def test_webhooks_never_leave_the_machine(stand_in: StandIn, caller: Caller) -> None:
    caller.create(SEEDANCE, FILM, webhook="http://192.0.2.1/hook", webhook_events_filter=["completed"])
    assert (await told(stand_in, 1))[0]["result"].startswith("refused")


def test_files_are_kept_for_a_day(stand_in: StandIn, caller: Caller) -> None:
    answer = httpx.post(
        f"{stand_in.api}/files",
        files={"content": ("a.png", b"abc", "image/png")},
        headers={"authorization": "Bearer any"},
        trust_env=False,
    )
    file = answer.json()
    assert (answer.status_code, file["size"], file["content_type"]) == (201, 3, "image/png")
    assert caller.get(f"/files/{file['id']}")["name"] == "a.png"
    stand_in.advance(24 * 3600 + 1)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        caller.get(f"/files/{file['id']}")


def test_time_can_run_faster(stand_in: StandIn, caller: Caller) -> None:
    stand_in.rules(starting=0, processing=3000)
    stand_in.advance(0, speed=100_000)
    assert caller.made(SEEDANCE, FILM)["status"] == "succeeded"


def test_everything_survives_being_killed(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state"), "--seed", "3")
    first = StandIn(*options)
    caller = Caller(first)
    stuck, kept = caller.create(SEEDANCE, FILM), caller.made(SEEDANCE, {**FILM, "seed": 8})
    caller.post(f"/predictions/{stuck['id']}/cancel", {})
    first.advance(100)
    bill = first.billing()
    first.stop(signal.SIGKILL)
    with (tmp_path / "state" / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "created", "predic')
    second = StandIn(*options)
    try:
        again = Caller(second)
        assert second.billing() == bill
        assert second.webhook_secret == first.webhook_secret
        output = again.get(f"/predictions/{kept['id']}")["output"]
        assert again.download(output).status_code == 200
        assert again.create(SEEDANCE, FILM)["id"] not in (stuck["id"], kept["id"])
        assert second.billing()["count"] == 3
    finally:
        second.stop()


def test_a_reset_forgets_everything_but_the_ids(stand_in: StandIn, caller: Caller) -> None:
    first = caller.create(SEEDANCE, FILM)
    stand_in.fault("drop", on="get")
    stand_in.advance(7200)
    stand_in.reset()
    assert stand_in.billing() == {"total": "0", "count": 0, "entries": []}
    assert stand_in.waiting_faults() == []
    second = caller.create(SEEDANCE, FILM)
    assert second["id"] != first["id"]
    assert datetime.fromisoformat(second["created_at"]) < datetime.now(UTC)


def test_its_clock_may_differ_in_all_that_it_shows(stand_in: StandIn, caller: Caller) -> None:
    stand_in.skew(-420)
    made = caller.made(SEEDANCE, FILM)
    answer = httpx.get(
        f"{stand_in.api}/predictions/{made['id']}", headers={"authorization": "Bearer any"}, trust_env=False
    )
    shown = [datetime.fromisoformat(made[name]) for name in ("created_at", "completed_at")]
    date = parsedate_to_datetime(answer.headers["date"])
    for moment in (*shown, date):
        assert -480 < (moment - datetime.now(UTC)).total_seconds() < -410
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    after = (shown[0] - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    before = (shown[0] + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert len(caller.get(f"/predictions?created_after={after}")["results"]) == 1
    assert caller.get(f"/predictions?created_after={before}")["results"] == []


def test_its_list_may_lag_behind(stand_in: StandIn, caller: Caller) -> None:
    stand_in.rules(list_lag=60)
    caller.create(SEEDANCE, FILM)
    assert caller.get("/predictions")["results"] == []
    stand_in.advance(61)
    assert len(caller.get("/predictions")["results"]) == 1


def test_the_log_of_a_clip_grows_with_its_work_and_is_removed_with_it(stand_in: StandIn, caller: Caller) -> None:
    stand_in.rules(starting=1000, processing=10_000, log_steps=10)
    made = caller.create(SEEDANCE, FILM)
    assert (made["status"], made["logs"]) == ("starting", "")
    logs: list[str] = []
    for seconds in (1000 + 3400, 10_000, 3600):
        stand_in.advance(seconds)
        logs.append(caller.get(f"/predictions/{made['id']}")["logs"])
    assert logs[0].splitlines()[0] == "Using seed: 7"
    assert logs[0].splitlines()[-1].startswith(" 30%|███       | 3/10 [")
    assert logs[1].startswith(logs[0])
    assert logs[1].splitlines()[-1].startswith("100%|██████████| 10/10 [")
    assert logs[2] == ""


def test_some_models_write_no_log(stand_in: StandIn, caller: Caller) -> None:
    stand_in.rules(log_steps=0)
    assert caller.made(SEEDANCE, FILM)["logs"] == ""


def test_a_restart_repeats_no_id_unless_it_is_told_to(tmp_path: Path) -> None:
    """A data folder outlives the stand-in: an id that comes again would be another purchase's."""
    ids: list[str] = []
    for options in ((), (), ("--state", str(tmp_path)), ("--state", str(tmp_path)), ("--seed", "7"), ("--seed", "7")):
        running = StandIn(*options)
        try:
            ids.append(str(Caller(running).create(SEEDANCE, FILM)["id"]))
        finally:
            running.stop()
    assert len(set(ids[:5])) == 5
    assert ids[4] == ids[5]
