from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from adreel.domain.errors import CancelledError, MachineError, NoSpaceError, SetupError, ToolError
from adreel.media.ffmpeg.process import (
    REQUIRED_FILTERS,
    Capabilities,
    Limits,
    capabilities,
    find_ffmpeg,
    require,
    run,
)

SOON = Limits(seconds=30)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets limits on a running process")


def endless(ffmpeg: Path) -> list[str]:
    source = ("-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=30")
    return [str(ffmpeg), "-v", "error", "-progress", "pipe:1", "-stats_period", "0.1", *source, "-f", "null", "-"]


def script(tmp_path: Path, text: str) -> list[str]:
    """A stand-in for ffmpeg with the given behaviour."""
    path = tmp_path / "tool"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return [str(path)]


def test_the_ffmpeg_that_adreel_brings_can_do_everything(ffmpeg: Path) -> None:
    found = require(ffmpeg)
    assert found.version[0] in "n0123456789"
    assert found.can_tone_map


def test_what_is_missing_is_named() -> None:
    found = Capabilities("1.0", frozenset({"pcm_s16le"}), REQUIRED_FILTERS - {"bwdif"})
    assert found.missing == ("bwdif", "libx264")
    assert not found.can_tone_map


def test_a_program_that_is_not_ffmpeg_is_refused(tmp_path: Path) -> None:
    (tool,) = script(tmp_path, "echo hello")
    with pytest.raises(SetupError, match="is not ffmpeg"):
        capabilities(Path(tool))
    with pytest.raises(SetupError, match="missing/ffmpeg is not a program"):
        find_ffmpeg(tmp_path / "missing" / "ffmpeg")


def test_an_ffmpeg_without_its_parts_is_refused_by_name(tmp_path: Path) -> None:
    (tool,) = script(tmp_path, "echo 'ffmpeg version 4.1 built somewhere' >&2")
    with pytest.raises(SetupError, match=r"version 4\.1.*libx264"):
        require(Path(tool))


def test_frames_are_counted_while_it_runs(ffmpeg: Path) -> None:
    seen: list[int] = []
    run([*endless(ffmpeg)[:-3], "-frames:v", "30", *endless(ffmpeg)[-3:]], limits=SOON, on_frame=seen.append)
    assert seen[-1] == 30
    assert seen == sorted(seen)
    assert len(seen) > 2


def test_the_cause_of_a_failure_is_reported_in_one_line(ffmpeg: Path, tmp_path: Path) -> None:
    missing = tmp_path / "gone.mp4"
    with pytest.raises(ToolError, match="No such file") as caught:
        run([str(ffmpeg), "-v", "error", "-i", str(missing), "-f", "null", "-"], limits=SOON)
    assert "\n" not in str(caught.value)


def test_a_program_that_does_not_exist_is_named() -> None:
    with pytest.raises(ToolError, match="/nowhere/ffmpeg"):
        run(["/nowhere/ffmpeg"], limits=SOON)


def test_a_process_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "late"
    began = time.monotonic()
    with pytest.raises(ToolError, match="longer than"):
        run(script(tmp_path, f"(sleep 1; touch '{mark}') & sleep 60"), limits=Limits(seconds=0.3))
    assert time.monotonic() - began < 10
    time.sleep(1)
    assert not mark.exists()


def test_asking_to_stop_stops(ffmpeg: Path) -> None:
    def cancel() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        run(endless(ffmpeg), limits=SOON, cancel=cancel)


def test_a_process_that_has_closed_its_streams_is_still_waited_for_and_stopped(tmp_path: Path) -> None:
    closed = "exec >&- 2>&-"
    with pytest.raises(ToolError, match="exit status 3"):
        run(script(tmp_path, f"{closed}; sleep 0.3; exit 3"), limits=SOON)
    asked = iter(range(3))

    def cancel() -> None:
        if next(asked, None) is None:
            raise CancelledError("stopped")

    began = time.monotonic()
    with pytest.raises(CancelledError):
        run(script(tmp_path, f"{closed}; exec sleep 60"), limits=SOON, cancel=cancel)
    assert time.monotonic() - began < 20


def test_a_process_that_ends_is_not_waited_for_any_longer(tmp_path: Path) -> None:
    # Until it is gone it was once asked only every tenth of a second, with nothing left to read. The best of many is
    # that of a machine that is not busy.
    def seconds() -> float:
        began = time.monotonic()
        run(script(tmp_path, "exec >&- 2>&-; sleep 0.02"), limits=SOON)
        return time.monotonic() - began

    assert min(seconds() for _ in range(20)) < 0.09


def test_an_error_in_the_watcher_stops_the_process_and_passes_through(ffmpeg: Path) -> None:
    def watch(_frame: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        run(endless(ffmpeg), limits=SOON, on_frame=watch)


@linux_only
def test_a_file_may_grow_only_so_far(ffmpeg: Path, tmp_path: Path) -> None:
    raw = [str(ffmpeg), "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=60", "-f", "rawvideo"]
    with pytest.raises(ToolError, match="larger than allowed"):
        run([*raw, str(tmp_path / "a.raw")], limits=Limits(seconds=30, output=500_000))
    assert (tmp_path / "a.raw").stat().st_size <= 500_000


@linux_only
def test_memory_is_bounded(tmp_path: Path) -> None:
    hungry = script(tmp_path, f"sleep 0.3; exec '{sys.executable}' -c 'bytearray(2**30)'")
    with pytest.raises(ToolError, match="MemoryError"):
        run(hungry, limits=Limits(seconds=30, memory=2**29))


@linux_only
def test_limits_that_already_hold_are_kept(tmp_path: Path) -> None:
    code = (
        "import resource; from adreel.media.ffmpeg.process import *; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        f"print(run(['{script(tmp_path, 'sleep 0.3; ulimit -f')[0]}'], limits=Limits(9)).stdout)"
    )
    # The shell counts in blocks of 512 bytes; as root the limit could be raised, and must not be.
    assert run([sys.executable, "-c", code], limits=SOON).stdout.strip() == "8"


def test_secrets_of_the_environment_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADREEL_TEST_SECRET", "token")
    assert "ADREEL_TEST_SECRET" not in run(script(tmp_path, "env"), limits=SOON).stdout


def test_there_is_nothing_to_read_on_its_input(tmp_path: Path) -> None:
    assert run(script(tmp_path, "cat; echo done"), limits=SOON).stdout == "done\n"


def test_what_a_process_writes_can_be_taken_piece_by_piece(tmp_path: Path) -> None:
    taken = bytearray()
    run(script(tmp_path, "head -c 300000 /dev/zero; printf end"), limits=SOON, on_output=taken.extend)
    assert len(taken) == 300003
    assert taken.endswith(b"\0end")


def test_an_error_in_taking_stops_the_process(tmp_path: Path) -> None:
    def refuse(_chunk: bytes) -> None:
        raise CancelledError("stopped")

    began = time.monotonic()
    with pytest.raises(CancelledError, match="stopped"):
        run(script(tmp_path, "echo one; exec sleep 60"), limits=SOON, on_output=refuse)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kill -9 $$", "was killed"),
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", "disk is full"),
        ("echo 'x: Disk quota exceeded' >&2; exit 1", "quota on this disk is used up"),
        ("echo 'Cannot allocate memory' >&2; exit 244", "could not allocate memory"),
    ],
)
def test_what_this_machine_is_to_blame_for_is_no_fault_of_the_input(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises((MachineError, NoSpaceError), match=words) as caught:
        run(script(tmp_path, text), limits=SOON)
    assert caught.value.retryable


def test_a_crash_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"it crashed \(SIGSEGV\)"):
        run(script(tmp_path, "kill -SEGV $$"), limits=SOON)
