from __future__ import annotations

import pytest

from adreel.placements.colors import color_name


@pytest.mark.parametrize(
    ("matrix", "primaries", "transfer", "expected"),
    [
        (1, 1, 1, "bt709"),
        (1, 2, 2, "bt709"),
        (6, 6, 6, "bt601"),
        (5, 5, 6, "bt601"),
        (9, 9, 14, "bt2020"),
        (9, 9, 16, "hdr"),
        (9, 9, 18, "hdr"),
        (2, 2, 2, "unspecified"),
        (6, 1, 1, "mixed"),
    ],
)
def test_colours_have_one_name(matrix: int, primaries: int, transfer: int, expected: str) -> None:
    assert color_name(matrix, primaries, transfer) == expected
