from __future__ import annotations

from support.replicate import stand_in, stand_in_process

__all__ = ["stand_in", "stand_in_process"]
