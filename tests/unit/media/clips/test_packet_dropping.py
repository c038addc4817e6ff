"""Which pictures of a fast clip need not be decoded."""

from __future__ import annotations

from fractions import Fraction

import pytest

from adreel.media.clips.conform import CodedPicture, droppable, is_reference


def at(rate: int, *numbers: int, needed: tuple[int, ...] = ()) -> list[CodedPicture]:
    return [CodedPicture(Fraction(number, rate), number in needed) for number in numbers]


def test_of_two_pictures_for_one_frame_the_first_is_left_out() -> None:
    # At 60 a second, 1 and 2 round to the first frame, 3 and 4 to the second.
    assert droppable(at(60, 0, 1, 2, 3, 4)) == (1, 3)


def test_pictures_in_another_order_are_named_by_the_place_of_their_packet() -> None:
    assert droppable(at(60, 0, 4, 2, 1, 3)) == (3, 4)


def test_what_others_are_coded_from_stays() -> None:
    assert droppable(at(60, 0, 4, 2, 1, 3, needed=(0, 2, 3, 4))) == (3,)


def test_the_last_picture_is_always_shown() -> None:
    assert droppable(at(120, 0, 1, 2, 3, 4, 5)) == (0, 2, 3, 4)


@pytest.mark.parametrize("time", [None, Fraction(-1, 60), Fraction(2, 60)], ids=["missing", "early", "twice"])
def test_nothing_is_left_out_when_it_is_not_known_what_is_shown(time: Fraction | None) -> None:
    assert droppable([*at(60, 0, 1, 2, 3, 4), CodedPicture(time, is_reference=False)]) == ()


def unit(kind: int, importance: int, length: int = 5, size: int = 4) -> bytes:
    return length.to_bytes(size, "big") + bytes([importance << 5 | kind]) + bytes(length - 1)


def test_a_picture_is_read_from_all_its_slices() -> None:
    parameters, plain, important = unit(9, 0), unit(1, 0), unit(1, 2)
    assert not is_reference(parameters + plain + plain, 4)
    assert is_reference(plain + important, 4)
    assert is_reference(unit(5, 3), 4)
    assert not is_reference(unit(1, 0, size=2), 2)


@pytest.mark.parametrize("packet", [b"", unit(9, 0), unit(1, 0)[:-1], unit(1, 0) + b"\0\0"])
def test_what_holds_no_whole_picture_counts_as_needed(packet: bytes) -> None:
    assert is_reference(packet, 4)
