"""An encoded soundtrack with the proof of what it holds: measured once, when it is made, and recognised by its packets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from adreel.media import decode
from adreel.media.inspect import packets_digest
from adreel.media.loudness import Loudness
from adreel.media.segments import file_digest


@dataclass(frozen=True, slots=True)
class SoundFile:
    """An AAC file. `digest` is that of its packets, `loudness` was measured on exactly these, decoded."""

    path: Path
    digest: str
    loudness: Loudness


def describe(path: Path, loudness: Loudness) -> SoundFile:
    """A file that was just measured. Raises RenderError when it cannot be read."""
    return SoundFile(path, packets_digest(decode.read_coded_sound(path)), loudness)


def write_description(sound: SoundFile, description: Path) -> None:
    """Keeps what is known of the file, and the hash of the file itself. Raises OSError."""
    facts = {
        "file": file_digest(sound.path),
        "packets": sound.digest,
        "integrated": sound.loudness.integrated,
        "true_peak": sound.loudness.true_peak,
    }
    description.write_text(json.dumps(facts), encoding="utf-8")


def read_described(path: Path, description: Path) -> SoundFile | None:
    """The file as it was described; None when there is no description, or the file is no longer the one described."""
    try:
        facts = json.loads(description.read_text(encoding="utf-8"))
        if facts["file"] != file_digest(path):
            return None
        loudness = Loudness(float(facts["integrated"]), float(facts["true_peak"]))
        return SoundFile(path, str(facts["packets"]), loudness)
    except (OSError, ValueError, KeyError, TypeError):
        return None
