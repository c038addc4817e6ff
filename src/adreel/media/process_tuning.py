"""Process-wide tuning: memory allocation, OpenCV's threads, Pillow's warnings, fontTools' log.

Only `cli` and `server` import this module: a program that embeds adreel tunes its own process (decision 0065).
"""

from __future__ import annotations

import ctypes
import logging
import sys
import warnings

import cv2

from adreel.media.freed_memory import FREED

# malloc.h of the GNU C library: parameters of mallopt(3). prctl.h of Linux: an option of prctl(2).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_PR_SET_THP_DISABLE = 41
_TRIM_THRESHOLD = 256 * 1024 * 1024
_MMAP_THRESHOLD = 32 * 1024 * 1024


def tune_process() -> None:
    """Prepares a process that belongs to adreel for making films. Call it before starting threads."""
    reuse_freed_memory()
    keep_pictures_to_their_threads()
    # The limits of adreel are lower than the one at which Pillow raises an error.
    warnings.filterwarnings("ignore", message="Image size .* could be decompression bomb")
    # Our own error reports problems with a font file; fontTools would log them as well.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)


def reuse_freed_memory() -> None:
    """Makes malloc reuse freed memory, up to 256 MiB (decision 0037), and disables transparent huge pages (decision 0038).

    `FREED.give_back` returns what is kept. Linux with the GNU C library only; a no-op elsewhere. Call it before starting threads:
    running threads already have their own arenas.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        library = ctypes.CDLL(None)
        mallopt, malloc_trim, prctl = library.mallopt, library.malloc_trim, library.prctl
    except (OSError, AttributeError):
        return
    for parameter, value in (
        (_M_ARENA_MAX, 1),
        (_M_MMAP_THRESHOLD, _MMAP_THRESHOLD),
        (_M_TRIM_THRESHOLD, _TRIM_THRESHOLD),
    ):
        mallopt(parameter, value)
    malloc_trim.argtypes = (ctypes.c_size_t,)
    FREED.is_kept(malloc_trim)
    # x264 and NumPy request huge pages. A virtual machine may have to fetch each of them from its host first.
    prctl(_PR_SET_THP_DISABLE, *map(ctypes.c_ulong, (1, 0, 0, 0)))


def keep_pictures_to_their_threads() -> None:
    """Makes OpenCV draw each picture in the calling thread (decision 0038).

    Clips already occupy all cores; OpenCV's own threads, which busy-wait for work, would compete with them.
    """
    cv2.setNumThreads(1)
