"""How this process asks the system for memory."""

from __future__ import annotations

import ctypes
import sys

# malloc.h of the GNU C library: parameters of mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT = 256 * 1024 * 1024
_LARGEST = 32 * 1024 * 1024


def reuse_freed_memory() -> None:
    """Lets pictures be drawn into memory that earlier pictures have left, up to a quarter of a gigabyte (decision 0037).

    For the GNU C library; elsewhere nothing is changed. Best called before threads are started: those that run have arenas
    of their own already.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _LARGEST), (_M_TRIM_THRESHOLD, _KEPT)):
        mallopt(parameter, value)
