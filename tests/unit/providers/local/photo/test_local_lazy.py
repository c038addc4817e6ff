"""What a study makes only when it is asked for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from adreel.providers.local.photo.cutouts import Lazy


def test_it_is_made_once_for_all_callers_and_not_before() -> None:
    made: list[object] = []
    together = threading.Barrier(4)

    def make() -> object:
        made.append(object())
        return made[-1]

    once = Lazy(make)
    assert not made

    def ask() -> object:
        together.wait()
        return once()

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
    assert [answer.result() for answer in asked] == [made[0]] * 4
    assert len(made) == 1


def test_nothing_is_an_answer_too() -> None:
    made: list[None] = []
    once = Lazy(lambda: made.append(None))
    assert (once(), once(), len(made)) == (None, None, 1)


def test_a_failure_is_reported_and_tried_again() -> None:
    answers = iter([ValueError("no"), 7])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once = Lazy(make)
    with pytest.raises(ValueError, match="no"):
        once()
    assert once() == 7
