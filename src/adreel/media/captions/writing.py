"""Captions as text: SubRip (.srt) and WebVTT (.vtt)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adreel.domain.films.formats import FPS
from adreel.media.captions.cue import Cue

_VTT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SRT = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})
"""SubRip has no way to write what players take for tags, < > and { }: signs that look alike."""


def to_srt(cues: Sequence[Cue], rate: float = FPS) -> str:
    """SubRip, for a film whose frames are shown `rate` per second."""
    blocks = (
        "\n".join((str(number), _times(cue, rate, ","), *(line.translate(_SRT) for line in cue.lines), ""))
        for number, cue in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


def to_vtt(cues: Sequence[Cue], rate: float = FPS) -> str:
    """WebVTT, for a film whose frames are shown `rate` per second."""
    return "\n".join(_vtt_blocks(cues, rate))


def _vtt_blocks(cues: Sequence[Cue], rate: float) -> Iterator[str]:
    yield "WEBVTT\n"
    for cue in cues:
        yield "\n".join((_times(cue, rate, "."), *(line.translate(_VTT) for line in cue.lines), ""))


def _times(cue: Cue, rate: float, point: str) -> str:
    return f"{_time(cue.first, rate, point)} --> {_time(cue.last, rate, point)}"


def _time(frame: int, rate: float, point: str) -> str:
    seconds, thousandths = divmod(round(1000 * frame / rate), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{thousandths:03d}"
