"""The progress of a job from the log of its model: the progress bars that tqdm draws."""

from __future__ import annotations

import re

_LATEST = 4000
"""Characters at the end of a log that are read: several hundred bars."""

_BAR = re.compile(r"(?P<percent>100|[1-9]?[0-9])%\|")
"""What tqdm writes, as `` 34%|███▍      | 17/50 [00:08<00:15,  2.07it/s]``, with a description before it or none."""

_PREPARATION = ("load", "fetch", "download")
"""Bars of which the description has one of these words show how the model gets ready, not how it works."""


def logged_fraction(logs: str) -> float | None:
    """The fraction (0–1) of the newest bar of the work in a log; None without one.

    ``logged_fraction("sampling:  34%|███▍      | 17/50")`` is 0.34.
    """
    for line in reversed(re.split(r"[\r\n]+", logs[-_LATEST:])):
        bars = list(_BAR.finditer(line))
        if bars and not any(word in line[: bars[0].start()].lower() for word in _PREPARATION):
            return int(bars[-1]["percent"]) / 100
    return None
