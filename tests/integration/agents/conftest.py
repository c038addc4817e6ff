"""A stand-in for all tests of this folder, and a ledger for agents that buy from it."""

from __future__ import annotations

from support.flows import bought_clip
from support.hosted import shop
from support.replicate import stand_in, stand_in_process

__all__ = ["bought_clip", "shop", "stand_in", "stand_in_process"]
