"""JSON that is nested without end, at every route that takes a body."""

from __future__ import annotations

import pytest

from support.api import Api

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "body",
    [DEEP, '{"a":' * 100_000 + "1" + "}" * 100_000, f'{{"session_id": {DEEP}}}', "[" * 900 + "]" * 900, "1" * 10_000],
    ids=["lists", "objects", "field", "within the parser's limit", "digits"],
)
async def test_no_route_fails_over_it(api: Api, body: str) -> None:
    session_id, tried = await api.new_session(), 0
    for path, operations in (await api.http.get("/api/openapi.json")).json()["paths"].items():
        if "post" not in operations or "requestBody" not in operations["post"] or path.endswith("/images"):
            continue
        headers = {"content-type": "application/json", "idempotency-key": f"key-{tried}"}
        answer = await api.http.post(path.replace("{session_id}", session_id), content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", path
        tried += 1
    assert tried > 8
