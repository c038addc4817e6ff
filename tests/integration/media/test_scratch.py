from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from adreel.media.cache_uses import forget_owners, note_use, owners, used_by
from adreel.media.scratch import scratch_folder, sweep_scratch

_LATER = 3600.0
_KILLED = """
import os, signal, sys
from pathlib import Path
from adreel.media.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1]), "photos-") as folder:
    (folder / "photo.jpg").write_bytes(b"a photo")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == -9
    [left] = tmp_path.iterdir()
    with scratch_folder(tmp_path, "photos-") as mine:
        # A young folder may not be locked yet.
        sweep_scratch(tmp_path, "*-*", time.time())
        assert {left, mine} == set(tmp_path.iterdir())
        sweep_scratch(tmp_path, "*-*", time.time() + _LATER)
        assert [mine] == list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def cached(cache: Path, owner: str, name: str) -> Path:
    path = cache / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(owner.encode())
    with used_by(owner):
        note_use(path.parent, path.stem)
    return path


def test_files_of_the_cache_go_with_the_last_of_their_users(tmp_path: Path) -> None:
    both = cached(tmp_path, "ann", "segments/aa.mp4")
    cached(tmp_path, "bob", "segments/aa.mp4")
    mine = cached(tmp_path, "ann", "segments/ab.mp4")
    sound = cached(tmp_path, "ann", "sound/ab.m4a")
    others = [tmp_path / "segments" / "abc.mp4", tmp_path / "segments" / "ab.d.mp4"]
    for other in others:
        other.write_bytes(b"of nobody")
    mine.with_suffix(".json").write_bytes(b"{}")
    assert forget_owners(tmp_path, {"ann"}) == 3
    assert not any(path.exists() for path in (mine, mine.with_suffix(".json"), sound))
    assert both.exists()
    assert owners(tmp_path) == {"bob"}
    assert all(other.exists() for other in others)
    assert forget_owners(tmp_path, {"bob"}) == 1
    assert owners(tmp_path) == frozenset()


def test_what_is_written_after_the_owner_was_forgotten_goes_the_next_time(tmp_path: Path) -> None:
    with used_by("ann"):
        note_use(tmp_path / "segments", "aa")
        forget_owners(tmp_path, {"ann"})
        late = cached(tmp_path, "ann", "segments/aa.mp4")
    assert owners(tmp_path) == {"ann"}
    assert forget_owners(tmp_path, {"ann"}) == 1
    assert not late.exists()


@pytest.mark.parametrize("owner", ["", "../up", "a/b", "x" * 65])
def test_a_name_that_could_lead_elsewhere_owns_nothing(tmp_path: Path, owner: str) -> None:
    with used_by(owner):
        note_use(tmp_path / "segments", "aa")
    assert list(tmp_path.rglob("*")) == []
