from __future__ import annotations

import pytest

from adreel.media.segments.x264 import key_frames, x264_params


@pytest.mark.parametrize(
    ("frames", "keys"), [(1, (0,)), (15, (0,)), (16, (0, 1, 15)), (30, (0, 15)), (90, (0, 15, 75)), (31, (0, 15, 16))]
)
def test_key_frames_stand_where_a_crossfade_may_cut(frames: int, keys: tuple[int, ...]) -> None:
    assert key_frames(frames) == keys


def test_still_pictures_change_only_what_the_headers_do_not_show() -> None:
    plain, still = (dict(part.split("=") for part in x264_params(still=flag).split(":")) for flag in (False, True))
    changed = {name for name in still if still[name] != plain.get(name)}
    searching = {"subme", "me", "trellis", "mixed-refs", "partitions"}
    smoothing = {"deblock"}
    looking_ahead = {"b-adapt", "rc-lookahead", "mbtree", "scenecut", "qp"}
    # What of these the headers show is held by the test of both ways of encoding.
    shown_but_equal = {"chroma-qp-offset", "weightp"}
    assert changed == searching | smoothing | looking_ahead | shown_but_equal
