from __future__ import annotations

from support_flows import bought_clip, hall

__all__ = ["bought_clip", "hall"]
