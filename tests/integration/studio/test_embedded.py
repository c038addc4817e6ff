"""A program that embeds adreel keeps its process as it is (decision 0065)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2

from support.pictures import texture

FILM = """
import asyncio, ctypes, gc, json, logging, os, resource, signal, sys, warnings
from pathlib import Path
# Some libraries change filters when they are imported; that is not adreel's doing.
import av, cv2, dbos, numpy, PIL.Image, fontTools, pydantic_settings, sqlalchemy.ext.asyncio, typst, uvicorn


def state():
    root = logging.getLogger()
    # prctl.h of Linux: PR_GET_THP_DISABLE, which adreel's own processes switch on.
    pages = ctypes.CDLL(None).prctl(42, 0, 0, 0, 0) if sys.platform.startswith("linux") else 0
    return {
        "cv2 threads": cv2.getNumThreads(),
        "environment": dict(os.environ),
        "small pages": pages,
        "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
        "warnings": [str(each) for each in warnings.filters],
        "root logger": [root.level, [str(each) for each in root.handlers], [str(each) for each in root.filters]],
        "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
        "frozen objects": gc.get_freeze_count(),
        "recursion": sys.getrecursionlimit(),
        "folder": os.getcwd(),
    }


cv2.setNumThreads(3)
before = state()
from adreel import FilmOptions, MakeOrder, Studio

folder = Path(sys.argv[1])
film = FilmOptions(name="", cta="", music="none", intro_seconds=0.5, outro_seconds=0.5)
order = MakeOrder((folder / "a.png", folder / "b.png"), folder / "ad.mp4", clip_seconds=0.5, film=film)
delivery = asyncio.run(Studio(data_dir=folder / "data").make(order))
tuned = "adreel.media.process_tuning" in sys.modules
print(json.dumps({"before": before, "after": state(), "film": delivery.path.is_file(), "tuned": tuned}))
"""


def test_a_film_changes_nothing_of_the_program_that_makes_it(tmp_path: Path) -> None:
    for seed, name in enumerate(("a.png", "b.png")):
        cv2.imwrite(str(tmp_path / name), texture(400, 300, seed=seed))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", FILM, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["film"]
    assert not found["tuned"]
    assert found["after"] == found["before"]
