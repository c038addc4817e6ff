from __future__ import annotations

from support_flows import bought_clip, hall
from support_hosted import shop
from support_images import darkroom, stand_in, stand_in_process

__all__ = ["bought_clip", "darkroom", "hall", "shop", "stand_in", "stand_in_process"]
