from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from adreel.domain.errors import CancelledError
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.segments.store import file_digest

SIZE = "s=320x180:r=25"


def stop() -> None:
    raise CancelledError("stopped")


def clip(path: Path, *inputs: str) -> Path:
    """A clip of one lavfi source after another."""
    command = [str(ffmpeg.find_ffmpeg()), "-v", "error"]
    for source in inputs:
        command += ["-f", "lavfi", "-i", source]
    joined = "".join(f"[{index}]" for index in range(len(inputs))) + f"concat=n={len(inputs)}"
    subprocess.run([*command, "-filter_complex", joined, str(path)], check=True, capture_output=True)
    return path


@pytest.mark.parametrize(
    ("inputs", "still"),
    [
        ([f"testsrc2={SIZE}:d=2"], False),
        ([f"testsrc2={SIZE}:d=1", f"color=black:{SIZE}:d=0.2"], True),
        ([f"testsrc2={SIZE}:d=1", f"color=teal:{SIZE}:d=1.2"], True),
        ([f"testsrc2={SIZE}:d=1", f"color=teal:{SIZE}:d=0.6"], False),
        ([f"testsrc2={SIZE}:d=1,fps=1", "color=teal:s=320x180:r=1:d=2,settb=1/25"], True),
    ],
)
def test_clips_that_stand_still_themselves_are_told_apart(tmp_path: Path, inputs: list[str], still: bool) -> None:
    path = clip(tmp_path / "clip.mp4", *inputs)
    examiner = ClipExaminer(tmp_path / "examined", ffmpeg.find_ffmpeg())
    found = examiner.examine(path, "clip_01", lambda: None)
    assert found.may_stand_still is still
    assert found.source == path
    # What was found once is known of every copy, without decoding again.
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(path.read_bytes())
    assert examiner.examine(copy, "clip_01", stop).may_stand_still is still


def test_examining_can_be_stopped(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", f"testsrc2={SIZE}:d=1")

    with pytest.raises(CancelledError):
        ClipExaminer(tmp_path / "examined", ffmpeg.find_ffmpeg()).examine(path, "clip_01", stop)


@pytest.mark.parametrize("kept", ["", "{", '{"version": 0, "stands_still": true}'])
def test_a_damaged_or_old_verdict_does_not_count(tmp_path: Path, kept: str) -> None:
    path = clip(tmp_path / "clip.mp4", f"testsrc2={SIZE}:d=1")
    verdict = tmp_path / "examined" / f"{file_digest(path)}.json"
    verdict.parent.mkdir()
    verdict.write_text(kept)
    examiner = ClipExaminer(verdict.parent, ffmpeg.find_ffmpeg())
    assert examiner.examine(path, "clip_01", lambda: None).may_stand_still is False
