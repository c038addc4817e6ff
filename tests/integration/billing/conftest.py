from __future__ import annotations

from support.flows import bought_clip, hall
from support.hosted import shop
from support.images import darkroom, stand_in, stand_in_process

__all__ = ["bought_clip", "darkroom", "hall", "shop", "stand_in", "stand_in_process"]
