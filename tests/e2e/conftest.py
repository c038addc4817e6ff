from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from support import texture
from support_cli import Adreel, Ran
from support_pg import pg_database, postgres
from support_replicate import stand_in, stand_in_process
from support_s3 import s3_server

__all__ = ["pg_database", "postgres", "s3_server", "stand_in", "stand_in_process"]


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
def adreel(tmp_path: Path, data_dir: Path) -> Adreel:
    """Runs the command line in an empty folder, as a person would."""

    def run(*args: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "adreel", *map(str, args)],
            cwd=tmp_path,
            env={**os.environ, "ADREEL_DATA_DIR": str(data_dir), **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


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
