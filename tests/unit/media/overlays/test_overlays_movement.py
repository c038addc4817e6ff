"""How words come and go."""

from __future__ import annotations

import pytest

from adreel.media.overlays.loader import STYLE_NAMES, text_style
from adreel.media.overlays.movement import LARGEST, REST, Pose, pose_at
from adreel.media.overlays.schedule import Schedule

TIMES = Schedule(first=5, stagger=3, full=40, leaving=80, gone=90)


@pytest.mark.parametrize("name", STYLE_NAMES)
@pytest.mark.parametrize("part", [0, 2])
def test_words_come_rest_and_go(name: str, part: int) -> None:
    style = text_style(name)
    poses = [pose_at(index, part, style, TIMES, fades=False) for index in range(100)]
    begin = 5 + 3 * part
    assert poses[:begin] == [None] * begin
    assert all(pose is not None for pose in poses[begin:90])
    assert poses[90:] == [None] * 10
    assert poses[40:80] == [REST] * 40
    assert REST not in poses[80:]
    coming = [pose for pose in poses[begin : begin + style.enter.frames - 1] if pose is not None]
    assert REST not in coming
    assert max(pose.scale for pose in coming) <= LARGEST


def test_what_is_behind_words_only_fades_and_is_there_before_them() -> None:
    style = text_style("luxury")
    poses = [pose_at(index, 0, style, TIMES, fades=True) for index in range(5, 90)]
    assert all(pose is not None and pose == Pose(opacity=pose.opacity) for pose in poses)
    assert poses[style.enter.frames // 2] == REST
    words = [pose_at(index, 0, style, TIMES, fades=False) for index in range(5, 5 + style.enter.frames // 2)]
    assert all(pose != REST for pose in words)
