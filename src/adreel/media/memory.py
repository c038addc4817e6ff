"""How this process asks the system for memory."""

from __future__ import annotations

import ctypes
import sys

# malloc.h of the GNU C library: parameters of mallopt(3). prctl.h of Linux: an option of prctl(2).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_PR_SET_THP_DISABLE = 41
_KEPT = 256 * 1024 * 1024
_LARGEST = 32 * 1024 * 1024


def reuse_freed_memory() -> None:
    """Lets pictures be drawn into memory that earlier pictures have left, up to a quarter of a gigabyte (decision 0037), and has
    what is new come in small pages (decision 0038).

    For Linux with the GNU C library; elsewhere nothing is changed. Best called before threads are started: those that run have
    arenas of their own already.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        library = ctypes.CDLL(None)
        mallopt, prctl = library.mallopt, library.prctl
    except (OSError, AttributeError):
        return
    for parameter, value in ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _LARGEST), (_M_TRIM_THRESHOLD, _KEPT)):
        mallopt(parameter, value)
    # x264 and NumPy ask for huge pages. Handed out by a virtual machine, each may have to be fetched from its host first.
    prctl(_PR_SET_THP_DISABLE, *map(ctypes.c_ulong, (1, 0, 0, 0)))
