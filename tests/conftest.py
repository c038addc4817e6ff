"""Runs tests of real processes a second time when they fail, where the command asks for it (decision 0098); no deadlines for
properties."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_REPEATED = tuple(Path(__file__).parent / folder for folder in ("integration", "e2e"))


# A slow machine is no fault of what is tried.
settings.register_profile("adreel", deadline=None)
settings.load_profile("adreel")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--repeat-failures",
        type=int,
        default=0,
        help="how often a failed test of tests/integration and tests/e2e is repeated before it counts",
    )


def pytest_sessionstart() -> None:
    """What collecting makes stays: the garbage collector need not look at it, now or later."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


_BROWSER = "tests/e2e/browser/"


class _Scheduler(LoadFileScheduling):
    """As ``--dist loadfile``, with all tests that use the browser in one process: one browser and one of each service for all."""

    def _split_scope(self, nodeid: str) -> str:
        return _BROWSER if nodeid.startswith(_BROWSER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduler | None:
    return _Scheduler(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    repeats = cast("int", config.getoption("--repeat-failures"))
    if not repeats:
        return
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in _REPEATED):
            item.add_marker(pytest.mark.flaky(reruns=repeats))
