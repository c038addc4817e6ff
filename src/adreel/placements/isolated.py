"""Reads the container of a stranger's film in a process of its own, which a hostile file can only end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from adreel.domain.errors import ClipError, MachineError, ToolError
from adreel.media.ffmpeg.process import Limits, run
from adreel.placements import child
from adreel.placements.facts_json import from_json
from adreel.placements.streams import FilmFacts

_LIMITS = Limits(seconds=60, memory=2 * 2**30, output=0)


def read_facts_isolated(path: Path) -> FilmFacts:
    """As `streams.read_facts`. Raises ClipError also for a film that crashes the process or exceeds its limits."""
    program = [sys.executable, "-I", "-B", child.__file__, str(path.absolute()), str(path)]
    try:
        output = run(program, limits=_LIMITS, tool="the film reader")
    except (ToolError, MachineError) as error:
        raise ClipError(f"{path} cannot be read: it is damaged or made to do harm; export it again") from error
    reply: dict[str, Any] = json.loads(output.stdout)
    if "refused" in reply:
        raise ClipError(str(reply["refused"]))
    return from_json(reply)
