"""The API answers as its OpenAPI document says, whatever is sent to it: by examples, at the edges, at random."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
import schemathesis
import schemathesis.engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from adreel.server.app import OPENAPI_PATH
from support.api import LOCAL_OPTIONS, Backend, build_backend, clip_of, served
from support.examples import ALL, examples

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
EXAMPLES = examples(12)
SEED = 85_2026
SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
CLIPS = ("9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b", "1a2b3c4d5e6f708192a3b4c5d6e7f809")
"""Ids of the document's examples: with these in the database the examples lead somewhere."""

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": SEED,
        "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none", "no-shrink": True},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        # The edges of every field are 1,600 requests: `make test-long` sends them.
        "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": ALL}},
        # There is no login here, and admins alone create accounts.
        "auth": {"auto-signup": False},
    }
)


async def seed(backend: Backend) -> None:
    """A session with the ids of the examples, ready to be composed."""
    sessions = backend.services.sessions
    user = await backend.services.auth.local_user()
    await sessions.create(user.id, "a mug")
    for number, clip_id in enumerate(CLIPS):
        await sessions.add_made(SESSION, clip_of(SESSION, None, number, clip_id))


async def serve(url: str, folder: Path, address: Future[str], over: threading.Event) -> None:
    backend = build_backend(
        url, folder, make_id=iter([SESSION, *(f"{number:032x}" for number in range(10**6))]).__next__
    )
    await backend.jobs.open()
    try:
        await seed(backend)
        async with served(backend, LOCAL_OPTIONS) as found:
            address.set_result(found.address)
            await asyncio.to_thread(over.wait)
    finally:
        await backend.jobs.close()
        await backend.database.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    """A server of its own thread and event loop."""
    folder = tmp_path_factory.mktemp("schema")
    database = folder / "adreel.db"
    database.write_bytes(sqlite_template.read_bytes())
    found: Future[str] = Future()
    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(f"sqlite:///{database}", folder, found, over)))
    thread.start()
    try:
        yield found.result(60)
    finally:
        over.set()
        thread.join(30)


@pytest.mark.many_examples
def test_every_answer_is_as_documented(address: str) -> None:
    schema = schemathesis.openapi.from_url(f"{address}{OPENAPI_PATH}", config=CONFIG)
    statuses: Counter[int] = Counter()
    faults: list[str] = []
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            faults.append(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
        if isinstance(event, events.ScenarioFinished):
            statuses.update(
                answer.response.status_code for answer in event.recorder.interactions.values() if answer.response
            )
            faults += [
                f"{event.label}: {check.failure_info.failure.title}: {check.failure_info.failure.message}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
    assert not faults, "\n\n".join(sorted(set(faults))[:20])
    assert {200, 204, 404, 409, 422} <= set(statuses)
