"""The offline recogniser: set up by hash in an environment of its own, and asked for transcripts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from benchmarks.report import ROOT

_HERE = Path(__file__).parent
_PINS = _HERE / "recogniser.txt"
_PLACE = ROOT / ".tools" / "recogniser"

Heard = Sequence[tuple[str, float, float]]
"""Words with the seconds at which they begin and end."""


class Recogniser:
    """Whisper tiny.en (see `recogniser.in`); `uv` installs it when it is not there yet, or pinned otherwise."""

    def __init__(self, uv: Path) -> None:
        self._python = _PLACE / "bin" / "python"
        mark, pinned = _PLACE / "pinned", sha256(_PINS.read_bytes()).hexdigest()
        if mark.is_file() and mark.read_text(encoding="utf-8") == pinned:
            return
        self._run(str(uv), "venv", "--quiet", "--clear", "--python", "3.11", str(_PLACE))
        install = ("pip", "install", "--quiet", "--python", str(self._python), "--require-hashes", "-r", str(_PINS))
        self._run(str(uv), *install)
        mark.write_text(pinned, encoding="utf-8")

    def transcripts(self, sounds: Sequence[Path]) -> list[Heard]:
        """What is heard in each file."""
        asked = json.dumps([str(path) for path in sounds])
        answer = self._run(str(self._python), str(_HERE / "recognise.py"), given=asked)
        return [[(word, start, end) for word, start, end in each] for each in json.loads(answer)]

    def _run(self, *command: str, given: str = "") -> str:
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
