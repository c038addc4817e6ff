"""Program of the reader process: decodes one untrusted photo and writes the result to standard output (see `reply`).

Run by path with the arguments MODE SIDE CPU_SECONDS FILE NAME; NAME replaces FILE in messages. The process limits itself before
it loads a decoder; its parent limits address space and output files.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
import warnings
from pathlib import Path

VERIFY, PIXELS = "verify", "pixels"

_NICENESS = 10
"""Increment of the nice value: processes that serve requests take precedence."""

_M_ARENA_MAX = -8
"""malloc.h of the GNU C library: threads share one heap instead of taking 128 MB of address space each."""


def main(arguments: list[str]) -> None:
    mode, side, seconds, file, name = arguments
    _limit(int(seconds))
    # Pillow warns of pictures that adreel accepts.
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from adreel.domain.errors import PhotoError

    try:
        facts, parts = _read(mode, int(side), Path(file))
    except PhotoError as error:
        facts, parts = {"refused": str(error).replace(file, name)}, []
    facts |= {"note": str(facts.get("note", "")).replace(file, name)}
    out = sys.stdout.buffer
    out.write(json.dumps(facts).encode() + b"\n")
    for part in parts:
        out.write(part)
    out.flush()


def _read(mode: str, side: int, path: Path) -> tuple[dict[str, object], list[bytes | memoryview]]:
    from PIL import AvifImagePlugin

    from adreel.media.photos.pixels import read_pixels

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    info, pixels = read_pixels(path, side)
    facts: dict[str, object] = {
        "format": info.format,
        "full_width": info.width,
        "full_height": info.height,
        "has_alpha": info.has_alpha,
        "digest": info.digest,
        "note": info.note,
    }
    if mode != PIXELS:
        return facts, []
    facts |= {"width": pixels.width, "height": pixels.height, "alpha": pixels.alpha is not None}
    return facts, [pixels.rgb] if pixels.alpha is None else [pixels.rgb, pixels.alpha]


def _limit(seconds: int) -> None:
    import resource

    for kind, limit in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (bound, bound))
    os.nice(_NICENESS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


if __name__ == "__main__":
    main(sys.argv[1:])
