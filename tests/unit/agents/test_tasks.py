from __future__ import annotations

import pytest

from adreel.agents.agent import encoder_threads, gather_all, longest_first


@pytest.mark.parametrize(
    ("lengths", "order"), [([], []), ([90], [0]), ([30, 90, 60], [1, 2, 0]), ([90, 90, 120], [2, 0, 1])]
)
def test_the_longest_job_comes_first_and_equals_keep_their_order(lengths: list[int], order: list[int]) -> None:
    assert longest_first(lengths) == order


@pytest.mark.parametrize(
    ("count", "jobs", "threads"), [(4, 2, [1, 1, 1, 1]), (3, 2, [1, 1, 2]), (1, 4, [4]), (6, 4, [1, 1, 1, 1, 2, 2])]
)
def test_the_last_smaller_round_shares_the_cores(count: int, jobs: int, threads: list[int]) -> None:
    assert [encoder_threads(index, count, jobs) for index in range(count)] == threads


async def test_every_job_ends_before_the_first_failure_is_reported() -> None:
    ended: list[str] = []

    async def work(name: str, *, fails: bool) -> str:
        if fails:
            raise ValueError(name)
        ended.append(name)
        return name

    with pytest.raises(ValueError, match="second"):
        await gather_all([work("first", fails=False), work("second", fails=True), work("third", fails=False)])
    assert ended == ["first", "third"]
