"""A worker that one piece of work of one session kills every time: ``python -m crash.poisoned``, otherwise as `crash.worker`.

The file that ``CRASH_POISON`` names says which: a `Poison` and a session's id. Without the file nothing dies.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from adreel.orchestrator.flows.clip_maker import ClipMaker
from adreel.orchestrator.flows.films import FilmAssetMaker
from adreel.orchestrator.flows.image_maker import ImageMaker
from adreel.orchestrator.flows.progress import Reporter
from crash.worker import die, main


class Poison(StrEnum):
    """What kills: `PLAN` is a step that only writes rows, the others decode, draw or encode."""

    PLAN = "plan"
    DRAW = "draw"
    CONFORM = "conform"
    IMAGE = "image"
    FILM = "film"


_PLACES: dict[Poison, tuple[type, str]] = {
    Poison.PLAN: (Reporter, "planning"),
    Poison.DRAW: (ClipMaker, "draw"),
    Poison.CONFORM: (ClipMaker, "_conformed"),
    Poison.IMAGE: (ImageMaker, "_fetch"),
    Poison.FILM: (FilmAssetMaker, "_compose"),
}
"""The method that does it. What it is given first is the session's id, or a job of the session: of several clips or pictures the
first kills."""


def _session_of(given: Any) -> str:
    if isinstance(given, str):
        return given
    return str(given.session_id) if getattr(given, "index", 0) == 0 else ""


def lay(path: Path, poison: Poison, session_id: str) -> None:
    path.write_text(f"{poison} {session_id}", encoding="utf-8")


def install(path: Path) -> None:
    for poison, (owner, name) in _PLACES.items():
        setattr(owner, name, _doomed(getattr(owner, name), path, poison))


def _doomed(work: Callable[..., Any], path: Path, poison: Poison) -> Callable[..., Any]:
    def doomed(self: object, *given: Any) -> Any:
        if path.exists() and path.read_text(encoding="utf-8") == f"{poison} {_session_of(given[0])}":
            die()
        return work(self, *given)

    return doomed


if __name__ == "__main__":
    install(Path(os.environ["CRASH_POISON"]))
    asyncio.run(main())
