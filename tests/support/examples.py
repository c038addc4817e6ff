"""How many examples a costly property is tried with: a quarter of its full number, or all of them in `make test-long`."""

from __future__ import annotations

import os

ALL = os.environ.get("ALL_EXAMPLES") == "1"


def examples(full: int) -> int:
    """For `max_examples` of a test that is marked `many_examples`."""
    return full if ALL else max(1, full // 4)
