"""What x264 must know of this machine's processor."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

_CPU_FACTS = Path("/proc/cpuinfo")
_UP_TO_AVX2 = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"


_SAFE_STEP = 128
"""Pixels of which a width must be a multiple for AVX-512: eight macroblocks, its mbtree's stride."""


def x264_instructions(width: int) -> str | None:
    """The instruction sets that x264 may use on pictures of this width, in the words of its `asm` parameter; None for all.

    Its AVX-512 code for mbtree takes eight macroblocks at a time and, where they do not fill the row, reads beyond what was
    written, so that bits depend on what memory held before (decision 0003). With everything up to AVX2 they do not, at up
    to a tenth more time. Whoever has AVX-512 has all of these.
    """
    return _UP_TO_AVX2 if width % _SAFE_STEP and _has_avx512() else None


@lru_cache(maxsize=1)
def _has_avx512() -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        facts = _CPU_FACTS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512bw" in facts
