from __future__ import annotations

from support.api import api, backend, guarded

__all__ = ["api", "backend", "guarded"]
