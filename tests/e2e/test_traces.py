"""One trace from the request to the film, across processes and crashes, at a collector that adreel sends it to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import httpx

from support import forked
from support.collector import Collector, Received
from support.replicate import StandIn, write_image
from support.service import Customer, Process, serve, work
from support.small_films import SMALL_ADREEL

WAN = "wan-2.2-i2v-fast"
PROMPT = "a turquoise teapot that nobody may read of"
TOKEN = "r8_secret"  # noqa: S105
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
SENT, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACE = {"traceparent": f"00-{SENT}-{CALLER}-01"}
PROXIED = {**TRACE, "X-Forwarded-For": "203.0.113.9"}
CLIP_JOB = {
    "POST /api/generate-clips",
    "accept job",
    "job clips",
    "step plan",
    "job clip",
    "step order",
    "order purchase",
    "await purchase",
    "settle purchase",
    "fetch",
    "conform",
    "segment",
    "store",
}
FILM_JOB = {
    "POST /api/compose-final-video",
    "accept job",
    "job compose",
    "step film",
    "compose",
    "join",
    "check",
    "store",
}


def _settings(stand_in: StandIn, collector: Collector, **more: str) -> dict[str, str]:
    return {
        "ADREEL_TRACES": collector.address,
        "ADREEL_REPLICATE_API_TOKEN": TOKEN,
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
        **more,
    }


def _trace_of(spans: list[Received], name: str) -> list[Received]:
    """The spans of the trace that the one span of this name belongs to."""
    (trace,) = {span.trace for span in spans if span.name == name}
    return [span for span in spans if span.trace == trace]


@asynccontextmanager
async def _ready(
    base: str, folder: Path, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[tuple[Customer, str]]:
    """A customer whose session has one approved photo."""
    async with Customer(base, headers) as customer:
        session_id = await customer.start()
        images = await customer.upload(session_id, [write_image(folder / "photo.jpg", (30, 60, 200), (640, 360))])
        await customer.post("/api/save-approved-images", session_id=session_id, approved_image_ids=images)
        yield customer, session_id


async def _approve(customer: Customer, session_id: str, clips: list[str]) -> None:
    await customer.post("/api/save-approved-clips", session_id=session_id, approved_clip_ids=clips, clip_order=clips)


def _check_secrets(collector: Collector, *more: str) -> None:
    """Nothing that a person wrote, and no secret, is in what was sent."""
    sent = b"".join(collector.bodies)
    for secret in (PROMPT, "turquoise", TOKEN, "photo.jpg", *more):
        assert secret.encode() not in sent


async def test_from_the_request_to_the_film_there_is_one_trace(
    stand_in: StandIn, collector: Collector, tmp_path: Path
) -> None:
    """The trace is that of the caller, which a trusted proxy hands on; all work is done in one process, on SQLite."""
    _add_user(tmp_path)
    process, base = serve(tmp_path, **_settings(stand_in, collector, ADREEL_TRUSTED_PROXIES="127.0.0.1"))
    try:
        headers = {**PROXIED, **await _log_in(base)}
        async with _ready(base, tmp_path, headers) as (customer, session_id):
            clips = await customer.clips(session_id, 1.0, PROMPT, WAN)
            await _approve(customer, session_id, [clip["id"] for clip in clips])
            film = await customer.compose(session_id, text_overlay={"product_name": "turquoise", "cta": "turquoise"})
            assert film["stage"] == "complete"
        assert process.stop() == 0, process.output
    finally:
        process.kill()
    spans = [span for span in collector.spans if span.trace == SENT]
    assert {span.name for span in spans} >= CLIP_JOB | FILM_JOB
    assert {span.trace for span in collector.spans if span.name != "POST /api/auth/login"} == {SENT}
    assert {span.parent for span in spans} <= {CALLER, *(span.id for span in spans)}
    _check_purchases(spans, stand_in)
    assert (collector.services, collector.paths) == ({"adreel"}, {"/v1/traces"})
    assert not [span for span in spans if span.has_failed]
    _check_secrets(collector, EMAIL, PASSWORD, headers["Authorization"].removeprefix("Bearer "))


def _check_purchases(spans: list[Received], stand_in: StandIn) -> None:
    """The spans name every purchase at the provider, what it is, and what it costs: of the plan, and of the clip."""
    billed = {entry["id"]: Decimal(entry["charged"]) for entry in stand_in.billing()["entries"]}
    ordered = [span for span in spans if span.name == "order purchase"]
    assert {span.attributes["adreel.kind"] for span in ordered} == {"text", "clip"}
    assert {span.attributes["adreel.provider_id"] for span in ordered} == set(billed)
    clips = [span for span in ordered if span.attributes["adreel.kind"] == "clip"]
    facts = {"adreel.provider": "replicate", "adreel.model": WAN}
    assert all(facts.items() <= span.attributes.items() and span.kind == "client" for span in clips)
    settled = [span.attributes for span in spans if span.name == "settle purchase"]
    assert {each["adreel.provider_id"]: Decimal(each["adreel.amount"]) for each in settled} == billed


def _has_order(spans: list[Received]) -> bool:
    return any(span.name == "order purchase" for span in spans)


def _is_wait(span: Received) -> bool:
    return span.name == "await purchase"


async def test_a_trace_goes_on_in_another_process_after_a_crash(
    stand_in: StandIn, collector: Collector, pg_database: str, tmp_path: Path
) -> None:
    settings = _settings(stand_in, collector, ADREEL_DATABASE_URL=pg_database, ADREEL_LEASE_SECONDS="5")
    # Long enough to kill the worker while it waits for what it has ordered.
    stand_in.rules(processing=30)
    api, base = serve(tmp_path, "--no-worker", **settings)
    first, second = work(tmp_path, **settings), None
    try:
        async with _ready(base, tmp_path) as (customer, session_id):
            making = asyncio.create_task(customer.clips(session_id, 1.0, PROMPT, WAN))
            before = await asyncio.to_thread(collector.until, _has_order)
            first.kill()
            stand_in.rules(processing=0.2)
            second = work(tmp_path, **settings, ADREEL_WORKER_METRICS="127.0.0.1:0")
            assert len(await making) == 1
        # What the worker did is counted where it was done.
        assert 'adreel_segments_total{cache="miss",kind="conformed"} 1.0' in await _metrics(second)
        assert second.stop() == 0, second.output
        assert api.stop() == 0, api.output
    finally:
        _kill(first, second, api)
    made = _trace_of(collector.spans, "POST /api/generate-clips")
    assert {span.name for span in made} >= CLIP_JOB
    # What the killed worker had ordered is collected by the other one and not ordered again.
    (ordered,) = {span.attributes["adreel.provider_id"] for span in before if span.name == "order purchase"}
    (waited,) = [span for span in made if _is_wait(span) and span.attributes["adreel.provider_id"] == ordered]
    assert waited not in before
    _check_purchases(made, stand_in)
    assert {span.trace for span in collector.spans if "purchase" in span.name} == {made[0].trace}
    _check_secrets(collector, pg_database)


async def test_the_trace_of_a_stranger_does_not_count(stand_in: StandIn, collector: Collector, tmp_path: Path) -> None:
    process, base = serve(tmp_path, **_settings(stand_in, collector))
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            assert (await client.get("/api/models", headers=TRACE)).status_code == 200
            assert (await client.get("/health", headers=TRACE)).status_code == 200
        assert process.stop() == 0, process.output
    finally:
        process.kill()
    (span,) = collector.spans
    assert (span.name, span.kind, span.parent) == ("GET /api/models", "server", "")
    assert span.attributes["http.response.status_code"] == "200"
    assert span.trace != SENT


def _add_user(data: Path) -> None:
    command, environment = [*SMALL_ADREEL, "user", "add", EMAIL], {**os.environ, "ADREEL_DATA_DIR": str(data)}
    forked.run(command, cwd=data, env=environment, timeout=60, typed=f"{PASSWORD}\n").check_returncode()


async def _log_in(base: str) -> dict[str, str]:
    async with Customer(base) as customer:
        token = (await customer.post("/api/auth/login", email=EMAIL, password=PASSWORD))["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def _metrics(worker: Process) -> str:
    address = worker.wait_for(lambda line: "/metrics" in line).rpartition(" ")[2]
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(address)).raise_for_status().text


def _kill(*processes: Process | None) -> None:
    for process in processes:
        if process is not None:
            process.kill()
