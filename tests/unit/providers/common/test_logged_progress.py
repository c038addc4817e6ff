from __future__ import annotations

import time

import pytest

from adreel.providers.common.logged_progress import logged_fraction

BAR = " 34%|███▍      | 17/50 [00:08<00:15,  2.07it/s]"


@pytest.mark.parametrize(
    ("logs", "fraction"),
    [
        ("", None),
        ("Using seed: 7\nencoding the photo", None),
        ("the product fills 80% of the picture", None),
        (f"Using seed: 7\n  0%|          | 0/50\n{BAR}", 0.34),
        (f"  2%|▏         | 1/50\r{BAR}", 0.34),
        (f"sampling: {BAR}\nsaving", 0.34),
        ("100%|██████████| 50/50 [00:24<00:00]", 1.0),
        ("150%|██████████| 75/50", 0.5),
        (f"{BAR}\nLoading checkpoint shards: 100%|██████████| 2/2", 0.34),
        ("Fetching 12 files:  50%|█████     | 6/12\nDownloading: 100%|██████████| 9/9", None),
    ],
)
def test_the_newest_bar_of_the_work_is_read(logs: str, fraction: float | None) -> None:
    assert logged_fraction(logs) == fraction


def test_a_log_of_any_length_is_read_at_once() -> None:
    began = time.process_time()
    assert logged_fraction("9" * 5_000_000 + f"\n{BAR}") == 0.34
    assert logged_fraction("9%" * 2_000_000) is None
    assert time.process_time() - began < 0.5
