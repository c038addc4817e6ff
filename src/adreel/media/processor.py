"""What x264 must know of this machine's processor."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

_CPU_FACTS = Path("/proc/cpuinfo")
_UP_TO_AVX2 = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"


@lru_cache(maxsize=1)
def x264_instructions() -> str | None:
    """The instruction sets that x264 may use, in the words of its `asm` parameter; None for its own choice.

    Its AVX-512 code for mbtree reads beyond what was written, so that bits depend on what memory held before: seen in widths
    that are no multiple of 128 (decision 0003). With everything up to AVX2 they do not, at the same speed. Whoever has
    AVX-512 has all of these.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    try:
        facts = _CPU_FACTS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return _UP_TO_AVX2 if "avx512bw" in facts else None
