from __future__ import annotations

from support_api import api, backend, guarded

__all__ = ["api", "backend", "guarded"]
