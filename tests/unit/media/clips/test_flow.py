"""Packets of one stream: where recordings meet, where one begins in the middle, and what is damage."""

from __future__ import annotations

from fractions import Fraction

from adreel.media.clips.flow import Flow


def flow(*packets: tuple[float | None, bool, bool]) -> Flow:
    """Of time, key, corrupt."""
    found = Flow()
    for time, is_key, is_corrupt in packets:
        found.add(None if time is None else Fraction(str(time)), is_key=is_key, is_corrupt=is_corrupt)
    found.end()
    return found


def steady(start: float, count: int = 10) -> list[tuple[float, bool, bool]]:
    return [(start + index / 25, index == 0, False) for index in range(count)]


def test_a_steady_stream_is_nothing_special() -> None:
    assert flow(*steady(3)) == flow(*steady(3), (None, False, False))
    found = flow(*steady(3))
    assert (found.is_joined, found.begins_midway, found.is_damaged, found.restarts_after) == (False, False, False, None)


def test_timestamps_that_start_anew_or_leap_show_a_joint() -> None:
    assert flow(*steady(3), *steady(0)).restarts_after == Fraction(9, 25)
    assert flow(*steady(3), *steady(5000)).is_joined
    assert not flow(*steady(3), *steady(9)).is_joined
    assert not flow(*steady(3), (3.3, False, False)).is_joined


def test_a_gap_in_packet_numbers_is_a_joint_before_a_key_picture_and_damage_elsewhere() -> None:
    corrupt = (3.4, False, True)
    assert flow(*steady(3), corrupt, (3.44, False, False), *steady(3.48)).is_joined
    assert not flow(*steady(3), corrupt, *steady(3.48)).is_damaged
    assert flow(*steady(3), corrupt, *steady(3.48)[1:]).is_damaged
    assert flow(*steady(3), corrupt).is_damaged


def test_a_first_picture_that_is_no_key_picture() -> None:
    assert flow(*steady(3)[1:]).begins_midway
    assert not flow(*steady(3)[1:]).is_joined
