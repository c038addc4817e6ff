from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path

import pytest

from adreel.domain.errors import RenderError
from adreel.domain.work.work_counts import WorkCounts
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import LEFT_BEHIND_SECONDS, SegmentStore, prune, segment_key, sweep
from support.pictures import SMALL, flat, moving, segment


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    return SegmentStore(tmp_path / "cache" / "segments")


def test_a_segment_is_drawn_once(store: SegmentStore) -> None:
    drawn: list[int] = []

    def draw(video: Path, _sound: Path) -> None:
        drawn.append(1)
        with SegmentEncoder(video, SMALL, 5) as encoder:
            for picture in moving(SMALL, 5, 1):
                encoder.write(picture)

    threads = [threading.Thread(target=lambda: store.make("key", SMALL, 5, draw)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [1]
    assert store.find("key") == store.make("key", SMALL, 5, draw)


def test_what_is_found_and_what_is_made_is_counted_by_kind(tmp_path: Path) -> None:
    counts = WorkCounts()
    maker = SegmentMaker(SegmentStore(tmp_path / "cache" / "segments", counts), find_ffmpeg())
    left, right = (
        maker.from_frames(f"key {seed}", SMALL, 20, partial(moving, SMALL, 20, seed), threads=1, on_frame=no_watch)
        for seed in (1, 2)
    )
    for _ in range(3):
        maker.crossfade(left, right)
    assert counts.read().segments == {("drawn", False): 2, ("crossfade", False): 1, ("crossfade", True): 2}


def test_a_damaged_segment_is_made_again(store: SegmentStore) -> None:
    made = segment(store, 10, 1)
    made.video.write_bytes(made.video.read_bytes()[:-1])
    assert store.find(made.key) is None
    assert segment(store, 10, 1) == made


def test_nothing_is_kept_of_a_drawing_that_failed(store: SegmentStore, tmp_path: Path) -> None:
    def draw(video: Path, _sound: Path) -> None:
        with SegmentEncoder(video, SMALL, 10) as encoder:
            encoder.write(next(moving(SMALL, 1, 1)))

    with pytest.raises(RenderError, match="1 frames were written, 10 were expected"):
        store.make("key", SMALL, 10, draw)
    assert list((tmp_path / "cache" / "segments").iterdir()) == []


@pytest.mark.parametrize(("luma", "black", "frozen"), [(16, 40, 39), (40, 0, 39)])
def test_black_and_frozen_pictures_are_counted(store: SegmentStore, luma: int, black: int, frozen: int) -> None:
    def draw(video: Path, _sound: Path) -> None:
        with SegmentEncoder(video, SMALL, 40) as encoder:
            for picture in flat(SMALL, 40, luma):
                encoder.write(picture)

    made = store.make(segment_key(luma), SMALL, 40, draw)
    assert (made.black, made.frozen) == (black, frozen)


def test_moving_pictures_are_neither_black_nor_frozen(store: SegmentStore) -> None:
    made = segment(store, 40, 1)
    assert (made.black, made.frozen) == (0, 0)


def test_pruning_removes_what_was_used_longest_ago(store: SegmentStore, tmp_path: Path) -> None:
    old, young = segment(store, 10, 1), segment(store, 10, 2)
    stamp = young.video.stat().st_mtime
    for path in (old.video, old.video.with_suffix(".json")):
        os.utime(path, (stamp - 100, stamp - 100))
    prune(tmp_path / "cache", young.video.stat().st_size + 2000)
    assert store.find(old.key) is None
    assert store.find(young.key) == young


def test_sweeping_clears_what_a_killed_process_left(tmp_path: Path) -> None:
    (tmp_path / ".sound.m4a").write_bytes(b"half a song")
    (tmp_path / "whole.mp4").write_bytes(b"whole")
    now = (tmp_path / ".sound.m4a").stat().st_mtime
    sweep(tmp_path, ".*", now + LEFT_BEHIND_SECONDS - 60)
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path, ".*", now + LEFT_BEHIND_SECONDS + 60)
    assert [path.name for path in tmp_path.iterdir()] == ["whole.mp4"]
