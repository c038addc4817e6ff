"""Which instruction sets x264 may use."""

import pytest

from adreel.media.segments import instructions
from adreel.media.segments.instructions import x264_instructions


@pytest.mark.parametrize(("width", "limited"), [(1920, False), (128, False), (1080, True), (1936, True), (332, True)])
def test_avx512_is_for_rows_of_whole_eights_of_macroblocks(
    width: int, limited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instructions, "_has_avx512", lambda: True)
    assert (x264_instructions(width) is not None) == limited


def test_other_processors_choose_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions, "_has_avx512", lambda: False)
    assert x264_instructions(1080) is None
