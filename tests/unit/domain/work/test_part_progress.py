from __future__ import annotations

from adreel.domain.work.part_progress import all_parts, one_part, read_parts


def test_what_is_written_of_parts_is_read_again() -> None:
    assert read_parts(one_part("clip", 2, 0.25), "clip") == {2: 0.25}
    assert read_parts(all_parts("image", {3: 1.0, 0: 0.5}), "image") == {0: 0.5, 3: 1.0}


def test_other_parts_and_other_events_say_nothing() -> None:
    assert read_parts(one_part("image", 2, 0.25), "clip") == {}
    assert read_parts({"warning": "no"}, "clip") == {}
