"""The colours that a film states, by one name (ITU-T H.273: matrix, primaries, transfer)."""

from __future__ import annotations

from collections.abc import Mapping

UNSPECIFIED = "unspecified"
_NAMES: Mapping[int, str] = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
_HDR_TRANSFERS = frozenset({16, 18})
"""PQ and HLG."""


def color_name(matrix: int, primaries: int, transfer: int) -> str:
    """Returns bt709, bt601, bt2020, hdr, unspecified, or mixed where matrix and primaries contradict each other."""
    if transfer in _HDR_TRANSFERS:
        return "hdr"
    stated = {_NAMES[code] for code in (matrix, primaries) if code in _NAMES}
    return UNSPECIFIED if not stated else stated.pop() if len(stated) == 1 else "mixed"
