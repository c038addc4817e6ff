from __future__ import annotations

import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest

from adreel.domain.films.formats import ASPECTS
from support import forked
from support.cli import Adreel, Ran
from support.collector import collector
from support.pg import empty_pg_database, pg_database, postgres
from support.pictures import texture
from support.replicate import stand_in, stand_in_process
from support.s3 import s3_server
from support.small_films import FULL_ADREEL, SMALL_ADREEL, SMALL_ASPECTS

__all__ = ["collector", "empty_pg_database", "pg_database", "postgres", "s3_server", "stand_in", "stand_in_process"]


@pytest.fixture(scope="session", autouse=True)
def heed_ctrl_c() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and that is inherited: the tests press it all the same."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of the session: what one has made, the next need not make again."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def adreel(request: pytest.FixtureRequest, tmp_path: Path, data_dir: Path) -> Adreel:
    """Runs the command line in an empty folder, as a person would. Films are small unless the test is marked `full_size`."""
    command = FULL_ADREEL if request.node.get_closest_marker("full_size") else SMALL_ADREEL

    def run(*args: str | Path, **environment: str) -> Ran:
        settings = {**os.environ, "ADREEL_DATA_DIR": str(data_dir), **environment}
        done = forked.run([*command, *map(str, args)], cwd=tmp_path, env=settings, timeout=240)
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def small_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made within this process is small, too."""
    for aspect, size in SMALL_ASPECTS.items():
        monkeypatch.setitem(ASPECTS, aspect, size)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small pictures of the kinds that people bring."""
    folder = tmp_path_factory.mktemp("photos")
    white = np.full((700, 900, 3), 250, np.uint8)
    cv2.ellipse(white, (450, 400), (150, 220), 0, 0, 360, (40, 60, 190), -1, cv2.LINE_AA)
    cv2.putText(white, "MORGEN", (355, 410), cv2.FONT_HERSHEY_DUPLEX, 1.4, (240, 240, 240), 3, cv2.LINE_AA)
    alpha = np.dstack([white, np.where(white.min(axis=2) < 245, 255, 0).astype(np.uint8)])
    busy = cv2.applyColorMap(texture(1000, 600, 5), cv2.COLORMAP_OCEAN)
    pictures = {
        "white.jpg": white,
        "cut.png": alpha,
        "tall.jpg": busy,
        "wide.jpg": cv2.rotate(busy, cv2.ROTATE_90_CLOCKWISE),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / name), picture)
    return {name.split(".")[0]: folder / name for name in pictures}
