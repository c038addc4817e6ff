"""The metrics of a worker without an API, over HTTP."""

from __future__ import annotations

import httpx
import pytest

from adreel.bootstrap.settings import Settings, read_settings
from adreel.domain.errors import SetupError
from adreel.domain.work.work_counts import WorkCounts
from adreel.server.worker_metrics import serving_metrics, split_address

TOKEN = "a token of metrics"  # noqa: S105


def _settings(**given: object) -> Settings:
    return read_settings(worker_metrics="127.0.0.1:0", **given)


async def test_they_are_not_served_unless_there_is_an_address() -> None:
    async with serving_metrics(read_settings(worker_metrics="off"), WorkCounts()) as address:
        assert address is None


async def test_programs_of_this_machine_read_them_without_a_token() -> None:
    counts = WorkCounts()
    async with serving_metrics(_settings(), counts) as address, httpx.AsyncClient(trust_env=False) as client:
        assert address is not None
        counts.segment("card", found=True)
        answer = await client.get(address)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/plain")
        assert 'adreel_segments_total{cache="hit",kind="card"} 1.0' in answer.text
        # A web page could reach the address by a name of its own.
        assert (await client.get(address, headers={"Host": "evil.example"})).status_code == 400
        proxied = await client.get(address, headers={"X-Forwarded-For": "203.0.113.9"})
        assert proxied.status_code in (400, 403)
        assert (await client.get(address.replace("/metrics", "/api/sessions"))).status_code == 404


async def test_with_a_token_nothing_is_said_without_it() -> None:
    async with (
        serving_metrics(_settings(metrics_token=TOKEN), WorkCounts()) as address,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        assert address is not None
        assert (await client.get(address)).status_code == 401
        assert (await client.get(address, headers={"Authorization": "Bearer wrong"})).status_code == 401
        answer = await client.get(address, headers={"Authorization": f"Bearer {TOKEN}", "Host": "worker:9100"})
        assert answer.status_code == 200


async def test_other_machines_need_a_token() -> None:
    settings = read_settings(worker_metrics="0.0.0.0:0")
    with pytest.raises(SetupError, match="ADREEL_METRICS_TOKEN"):
        async with serving_metrics(settings, WorkCounts()):
            raise AssertionError("not reached")


async def test_an_address_in_use_is_named() -> None:
    async with serving_metrics(_settings(), WorkCounts()) as address:
        assert address is not None
        taken = address.removeprefix("http://").removesuffix("/metrics")
        with pytest.raises(SetupError, match=f"cannot listen on {taken}.*ADREEL_WORKER_METRICS"):
            async with serving_metrics(read_settings(worker_metrics=taken), WorkCounts()):
                raise AssertionError("not reached")


@pytest.mark.parametrize("text", ["9100", "127.0.0.1", ":9100", "host:port", "http://127.0.0.1:9100", "host:99999"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match=r"ADREEL_WORKER_METRICS=.*127\.0\.0\.1:9100"):
        split_address(text)


def test_an_address_may_be_of_version_six() -> None:
    assert split_address("[::1]:9100") == ("::1", 9100)
