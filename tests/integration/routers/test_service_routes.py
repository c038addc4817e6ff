"""What surrounds every request: ids, headers, hosts, origins, problems, figures, readiness."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import replace

import pytest

from adreel.domain.errors import StorageError
from adreel.routers.health import Readiness
from adreel.server.app import OPENAPI_PATH
from support.api import BASE, LOCAL_OPTIONS, Api, Backend, opened_api, served, with_services


async def test_every_answer_has_its_request_id_and_security_headers(api: Api) -> None:
    for path in ("/health", "/api/sessions", "/api/sessions/unknown", "/nowhere", "/media/x?expires=1&signature=x"):
        answer = await api.http.get(path)
        assert len(answer.headers["x-request-id"]) == 32
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


async def test_a_sane_request_id_is_kept_and_another_replaced(api: Api) -> None:
    kept = await api.http.get("/health", headers={"X-Request-ID": "trace-12345678"})
    assert kept.headers["x-request-id"] == "trace-12345678"
    for wrong in ("short", "x" * 65, "with space here"):
        assert (await api.http.get("/health", headers={"X-Request-ID": wrong})).headers["x-request-id"] != wrong


async def test_https_is_remembered_where_there_is_https(backend: Backend) -> None:
    async with opened_api(backend, replace(LOCAL_OPTIONS, https=True)) as api:
        assert "max-age" in (await api.http.get("/health")).headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/nowhere", "/api/sessions/unknown", "/api/sessions/a%20b", "/api/sessions?limit=0"])
async def test_errors_are_problems(api: Api, path: str) -> None:
    answer = await api.http.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["instance"] == answer.headers["x-request-id"]
    assert problem["type"].startswith("urn:adreel:problem:")
    assert problem["title"]
    assert problem["detail"]


async def test_what_is_wrong_with_a_body_is_reported_by_field_without_repeating_it(api: Api) -> None:
    answer = await api.http.post("/api/sessions/create", json={"product_prompt": 5, "secret": "hunter2"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"body.product_prompt", "body.secret"}
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        r'{"product_prompt": "\u0000"}',
        r'{"product_prompt": "a\u0007b"}',
        r'{"product_prompt": "\ud800"}',
        r'{"\ud800": 1}',
        r'{"seed": 1e400}',
        r'{"budget_cap": "NaN"}',
        r'{"budget_cap": "1e999999999"}',
        r'{"seed": 99999999999999999999}',
        r'{"product_prompt": "' + "x" * 2001 + '"}',
        "[]",
        "{",
        '"',
    ],
)
async def test_what_no_database_takes_is_refused(api: Api, body: str) -> None:
    answer = await api.http.post(
        "/api/sessions/create", content=body.encode(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", [b"\xff\xfe{", b'{"seed": ' + b"9" * 5000 + b"}", b"[" * 100_000])
async def test_what_cannot_be_read_is_refused(api: Api, body: bytes) -> None:
    answer = await api.http.post("/api/sessions/create", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_is_said_to_be_too_large_is_not_read(api: Api) -> None:
    answer = await api.http.post("/api/sessions/create", content=b"x", headers={"content-length": "99999999"})
    assert answer.status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "", "[::2]"])
async def test_without_logins_only_this_machine_is_served(api: Api, host: str) -> None:
    assert (await api.http.get("/api/sessions", headers={"Host": host})).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "LOCALHOST"])
async def test_this_machine_has_several_names(api: Api, host: str) -> None:
    assert (await api.http.get("/api/sessions", headers={"Host": host})).status_code == 200


async def test_hosts_can_be_allowed(backend: Backend) -> None:
    options = replace(LOCAL_OPTIONS, auth_required=True, allowed_hosts=("studio.example",))
    async with opened_api(backend, options) as api:
        assert (await api.http.get("/api/sessions", headers={"Host": "studio.example:443"})).status_code == 401
        assert (await api.http.get("/api/sessions", headers={"Host": "other.example"})).status_code == 400
        assert (await api.http.get("/health", headers={"Host": "10.0.0.7"})).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_pages_of_other_origins_change_nothing(api: Api, headers: dict[str, str]) -> None:
    refused = await api.http.post("/api/sessions/create", json={}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:adreel:problem:origin"
    assert (await api.http.get("/api/sessions")).json()["sessions"] == []


async def test_the_services_own_pages_and_allowed_ones_may(backend: Backend) -> None:
    options = replace(LOCAL_OPTIONS, allowed_origins=("https://studio.example",))
    async with opened_api(backend, options) as api:
        own = await api.http.post("/api/sessions/create", json={}, headers={"Origin": BASE})
        allowed = await api.http.post("/api/sessions/create", json={}, headers={"Origin": "https://studio.example"})
        assert (own.status_code, allowed.status_code) == (200, 200)
        assert allowed.headers["access-control-allow-origin"] == "https://studio.example"
        assert "access-control-allow-origin" not in own.headers
        asked = {"Origin": "https://studio.example", "Access-Control-Request-Method": "POST"}
        assert (await api.http.options("/api/sessions/create", headers=asked)).status_code == 200


async def test_a_storage_that_is_away_is_reported_without_its_details(backend: Backend) -> None:
    class Broken(type(backend.services.sessions)):
        async def list(self, *_: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise StorageError("the database at db.internal cannot be used: password wrong")

    broken = with_services(backend, sessions=Broken(backend.database))
    async with opened_api(broken) as api:
        answer = await api.http.get("/api/sessions")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "db.internal" not in answer.text


async def test_a_mistake_of_ours_reveals_nothing_and_is_logged(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(type(backend.services.sessions)):
        async def list(self, *_: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise RuntimeError("secret detail")

    broken = with_services(backend, sessions=Broken(backend.database))
    async with opened_api(broken) as api:
        answer = await api.http.get("/api/sessions")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


async def test_a_client_that_leaves_in_the_middle_is_no_mistake_of_ours(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = (await backend.services.sessions.create((await backend.services.auth.local_user()).id)).id
    head = (
        f"POST /api/sessions/{session_id}/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    )
    with caplog.at_level(logging.INFO, "adreel"):
        async with served(backend) as server, asyncio.timeout(20):
            _, writer = await asyncio.open_connection("127.0.0.1", int(server.address.rpartition(":")[2]))
            writer.write(head.encode() + b"x" * 5000)
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.close()
            while "499" not in caplog.text:  # noqa: ASYNC110 (the log has no event to wait for)
                await asyncio.sleep(0.02)
    assert all(record.levelno < logging.ERROR for record in caplog.records)


async def test_the_access_log_has_no_secrets(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "adreel.access"):
        await api.http.get(
            "/media/sessions/s/x.mp4?expires=1&signature=geheim", headers={"Authorization": "Bearer geheim"}
        )
        await api.http.get("/api/sessions/a%0Ab?token=geheim")
    lines = [record for record in caplog.records if record.name == "adreel.access"]
    assert [getattr(line, "route", "") for line in lines] == ["/media/{key:path}", "/api/sessions/{session_id}"]
    assert "geheim" not in caplog.text
    assert all("\n" not in line.getMessage() for line in lines)


async def test_it_lives_and_is_ready(api: Api) -> None:
    assert (await api.http.get("/health")).json() == {"status": "ok"}
    assert (await api.http.get("/ready")).json() == {
        "status": "ready",
        "checks": {"database": "ok", "storage": "ok", "migrations": "ok"},
    }


async def test_readiness_is_looked_at_once_a_second_however_often_it_is_asked_for() -> None:
    looked = 0

    async def look() -> None:
        nonlocal looked
        looked += 1

    now = 0.0
    readiness = Readiness({"database": look}, clock=lambda: now)
    for _ in range(5):
        assert await readiness.check() == {"database": "ok"}
    assert looked == 1
    now = 1.0
    await readiness.check()
    assert looked == 2


async def test_what_is_not_ready_is_named(backend: Backend) -> None:
    async def broken() -> None:
        raise StorageError("bucket at s3.internal is gone")

    checks = {**backend.services.checks, "storage": broken}
    async with opened_api(with_services(backend, checks=checks)) as api:
        answer = await api.http.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "storage": "failed", "migrations": "ok"}
    assert "s3.internal" not in answer.text


async def test_metrics_count_by_route_and_never_by_path(api: Api) -> None:
    session_id = await api.new_session()
    await api.http.get(f"/api/sessions/{session_id}")
    await api.http.get("/wp-admin/setup.php")
    await api.http.request("BREW", "/api/sessions")
    text = (await api.http.get("/metrics")).text
    assert 'adreel_http_requests_total{method="GET",route="/api/sessions/{session_id}",status="200"} 1.0' in text
    assert 'route="unmatched",status="404"' in text
    assert 'method="other"' in text
    assert "BREW" not in text
    assert session_id not in text
    assert "adreel_jobs_under_way 0.0" in text
    assert "adreel_spent_usd 0.0" in text


async def test_metrics_have_the_load_of_queues_and_the_work_of_this_process(api: Api) -> None:
    session_id, _ = await api.with_images()
    body = {"session_id": session_id, "video_prompt": "calm", "clip_duration": 3}
    assert (await api.http.post("/api/generate-clips", json=body)).status_code == 200
    api.services.counts.segment("card", found=True)
    text = (await api.http.get("/metrics")).text
    assert 'adreel_queue_waiting{queue="jobs"} 1.0' in text
    assert 'adreel_queue_waiting{queue="films"} 0.0' in text
    assert 'adreel_queue_oldest_seconds{queue="jobs"}' in text
    assert 'adreel_segments_total{cache="hit",kind="card"} 1.0' in text


async def test_metrics_need_their_token_where_people_log_in(guarded: Api) -> None:
    assert (await guarded.http.get("/metrics")).status_code == 401
    assert (await guarded.http.get("/metrics", headers={"Authorization": "Bearer metrics"})).status_code == 200


async def test_metrics_without_a_token_are_not_there_where_people_log_in(backend: Backend) -> None:
    async with opened_api(backend, replace(LOCAL_OPTIONS, auth_required=True)) as api:
        assert (await api.http.get("/metrics")).status_code == 404


async def test_the_document_is_complete_and_loads_nothing_from_elsewhere(api: Api) -> None:
    document = (await api.http.get(OPENAPI_PATH)).json()
    operations = [
        operation for path in document["paths"].values() for operation in path.values() if "operationId" in operation
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert {"create_session", "generate_clips", "compose_final_video", "get_media"} <= set(ids)
    assert all({"422", "429", "500", "503"} <= set(operation["responses"]) for operation in operations)
    bodies = [each for each in document["components"]["schemas"] if each in BODIES]
    assert sorted(bodies) == sorted(BODIES)
    assert all(document["components"]["schemas"][body].get("examples") for body in BODIES)
    assert "HTTPValidationError" not in json.dumps(document)
    assert (await api.http.get("/redoc")).status_code == 404


async def test_the_description_comes_from_this_service_alone(api: Api) -> None:
    page = await api.http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "unsafe" not in page.headers["content-security-policy"]
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 4
    for address in named:
        file = await api.http.get(address)
        assert file.status_code == 200, address
        assert len(file.content) > 100
    again = await api.http.get("/docs", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await api.http.get("/docs/index.html")).status_code == 404
    assert (await api.http.get("/docs/swagger-ui.LICENSE")).status_code == 404


BODIES = {
    "CardPreviewRequest",
    "ComposeFinalVideoRequest",
    "CreateKeyRequest",
    "ChangeUserRequest",
    "CreateSessionRequest",
    "CreateUserRequest",
    "CreateWebhookRequest",
    "GenerateClipsRequest",
    "GenerateImagesRequest",
    "LoginRequest",
    "RegenerateClipRequest",
    "ChangeSessionRequest",
    "CreateBrandRequest",
    "ReplaceBrandRequest",
    "SaveApprovedClipsRequest",
    "SaveApprovedImagesRequest",
    "SetBudgetRequest",
    "UseExampleRequest",
}


async def test_with_a_broken_database_it_lives_but_is_not_ready(backend: Backend) -> None:
    async with opened_api(backend) as api:
        await backend.database.close()
        (backend.folder / "adreel.db").write_bytes(b"this is no database at all" * 100)
        health, ready = await api.http.get("/health"), await api.http.get("/ready")
    assert (health.status_code, ready.status_code) == (200, 503)
    assert ready.json()["checks"]["database"] == "failed"
