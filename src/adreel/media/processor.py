"""Who works on this machine's processor, and what x264 must know of it."""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path

import cv2

_CPU_FACTS = Path("/proc/cpuinfo")
_UP_TO_AVX2 = "MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI2,AVX2"


_TOGETHER = 8 * 16
"""Pixels of a row that its AVX-512 code for mbtree takes at a time: eight macroblocks of 16."""


def x264_instructions(width: int) -> str | None:
    """The instruction sets that x264 may use for pictures of `width`, in the words of its `asm` parameter; None for its choice.

    Its AVX-512 code for mbtree goes on beyond the end of a row that is no whole number of eight macroblocks, so that bits depend
    on what memory held before (decision 0003). With everything up to AVX2 they do not, some 6 % slower. Whoever has AVX-512
    has all of these.
    """
    return _UP_TO_AVX2 if width % _TOGETHER and _has_avx512() else None


@lru_cache(maxsize=1)
def _has_avx512() -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        return "avx512bw" in _CPU_FACTS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def keep_pictures_to_their_threads() -> None:
    """Lets OpenCV draw each picture in the thread that asks for it (decision 0038).

    There are clips for all cores already; its own threads, which wait for work with their eyes open, would take turns with them.
    """
    cv2.setNumThreads(1)
