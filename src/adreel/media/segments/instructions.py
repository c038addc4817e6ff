"""The instruction sets that x264 may use, so that the same pictures give the same bytes."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

_CPU_FACTS = Path("/proc/cpuinfo")
_UP_TO_AVX2 = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"
_AVX512_STEP = 8 * 16
"""Pixels of a row that x264's AVX-512 code for mbtree processes at a time: eight macroblocks of 16."""


def x264_instructions(width: int) -> str | None:
    """The value of x264's `asm` parameter for pictures of `width` pixels; None for x264's own choice.

    x264's AVX-512 code for mbtree reads beyond the end of a row that is not a multiple of eight macroblocks, so the output
    depends on earlier memory contents (decision 0003). With instruction sets up to AVX2 it does not, at about 6 % less speed.
    Every processor with AVX-512 supports all of these.
    """
    return _UP_TO_AVX2 if width % _AVX512_STEP and _has_avx512() else None


@lru_cache(maxsize=1)
def _has_avx512() -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        return "avx512bw" in _CPU_FACTS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
