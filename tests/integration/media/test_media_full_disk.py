"""A disk that is full while something is written to it: reported as such, nothing left behind, no clip blamed for it.

``/dev/full`` refuses every byte as a full disk does, without any right being needed; it is written to by a link.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adreel.domain.errors import NoSpaceError, StorageError
from adreel.domain.films.clip import Segment
from adreel.domain.films.film import AudioConfig, Fit
from adreel.media.audio import aac, soundtrack
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.clips.conform import conform
from adreel.media.clips.probe import probe_clip
from adreel.media.ffmpeg.process import Limits, run
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.store import SegmentStore
from adreel.media.timeline import Item, Timeline
from support.pictures import SMALL, moving

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


@pytest.fixture
def full(tmp_path: Path) -> Path:
    link = tmp_path / "full.mp4"
    link.symlink_to(FULL)
    return link


def draw_many(path: Path) -> None:
    with SegmentEncoder(path, SMALL, 300) as encoder:
        for picture in moving(SMALL, 300, seed=3):
            encoder.write(picture)


def test_a_segment_that_does_not_fit_names_the_folder_and_goes(full: Path) -> None:
    with pytest.raises(NoSpaceError, match=str(full.parent)):
        draw_many(full)
    assert not full.is_symlink()
    assert FULL.exists()


def test_a_segment_in_the_cache_leaves_nothing_behind(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path / "segments")

    def draw(video: Path, _sound: Path) -> None:
        video.symlink_to(FULL)
        draw_many(video)

    with pytest.raises(NoSpaceError, match=str(tmp_path)):
        store.make("key", SMALL, 300, draw)
    assert list((tmp_path / "segments").iterdir()) == []


def test_conforming_says_it_with_the_words_of_ffmpeg(spoken: Path, ffmpeg: Path, full: Path) -> None:
    with pytest.raises(NoSpaceError, match=str(full.parent)):
        conform(spoken, probe_clip(spoken), full, None, size=SMALL, frames=20, fit=Fit.COVER, ffmpeg=ffmpeg)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, NoSpaceError), (errno.EDQUOT, NoSpaceError), (errno.EROFS, StorageError)],
)
def test_sound_that_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[StorageError]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    for module, name in ((aac, "_write"), (soundtrack, "write_description")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, refuse)
            store = SoundtrackStore(tmp_path / "sound")
            with pytest.raises(kind, match=str(tmp_path)):
                store.track(timeline(), (), AudioConfig(genre="chill"), seed=1)
        assert [path for path in (tmp_path / "sound").iterdir() if path.suffix != ".m4a"] == []


def timeline() -> Timeline:
    return Timeline((Item("clip", 30),))


@pytest.mark.parametrize("call", [probe_clip, lambda path: run(["/bin/true"], limits=Limits(seconds=5))])  # pyright: ignore[reportUnknownLambdaType]
def test_too_many_open_files_are_not_the_clips_fault(
    spoken: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[Path], object]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)
    with pytest.raises(StorageError, match="too many files open"):
        call(spoken)


def test_what_was_made_before_is_found_on_a_full_disk(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path / "segments")
    made: list[Segment] = []

    def draw(video: Path, _sound: Path) -> None:
        with SegmentEncoder(video, SMALL, 20) as encoder:
            for picture in moving(SMALL, 20, seed=3):
                encoder.write(picture)

    made.append(store.make("key", SMALL, 20, draw))
    assert store.make("key", SMALL, 20, _not_made) == made[0]


def _not_made(_video: Path, _sound: Path) -> None:
    raise AssertionError("it is there")
