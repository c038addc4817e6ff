from __future__ import annotations

import pytest

from adreel.agents.agent import encoder_threads


@pytest.mark.parametrize(
    ("count", "jobs", "threads"),
    [
        (4, 2, [1, 1, 1, 1]),
        (3, 2, [1, 1, 2]),
        (1, 2, [2]),
        (1, 8, [8]),
        (5, 4, [1, 1, 1, 1, 4]),
        (3, 8, [3, 3, 3]),
        (2, 1, [1, 1]),
    ],
)
def test_idle_cores_go_to_the_last_round(count: int, jobs: int, threads: list[int]) -> None:
    assert [encoder_threads(index, count, jobs) for index in range(count)] == threads
