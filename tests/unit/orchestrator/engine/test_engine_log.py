from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from adreel.domain.errors import StorageError
from adreel.orchestrator.engine.client import quiet_engine_log


def logged(caplog: pytest.LogCaptureFixture, message: str, error: BaseException | None = None) -> bool:
    quiet_engine_log()
    caplog.clear()
    try:
        if error is not None:
            raise error
        logging.getLogger("dbos").error(message)
    except (Exception, asyncio.CancelledError):
        logging.getLogger("dbos").error(message, exc_info=sys.exc_info())
    return bool(caplog.records)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Exception encountered in asynchronous workflow:", StorageError("told to the session")),
        ("Exception encountered in asynchronous workflow:", asyncio.CancelledError()),
        ("Workflow x was cancelled during execution. Waiting for the recorded outcome", None),
    ],
)
def test_failures_published_to_sessions_are_no_errors_of_the_engine(
    caplog: pytest.LogCaptureFixture, message: str, error: BaseException | None
) -> None:
    assert not logged(caplog, message, error)


def test_what_nobody_expected_reaches_the_log_of_the_program(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, "Exception encountered in queue thread", ValueError("odd"))
    assert logged(caplog, "Database connection failed")
