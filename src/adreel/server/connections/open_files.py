"""The limit on open files of this process. Connections are open files."""

from __future__ import annotations

import resource
from contextlib import suppress

_ENOUGH = 65_536


def raise_open_files() -> int:
    """Raises the soft limit as far as the system allows and returns it. Many systems start with 1024 or 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < target:
        # macOS reports no hard limit but rejects large values.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
            soft = target
    return _ENOUGH if soft == resource.RLIM_INFINITY else soft
