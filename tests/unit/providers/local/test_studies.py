"""The local engine remembers few large photos, and more small ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np

from adreel.providers.local.engine import _Studies
from adreel.providers.local.photo.study import Study


class Studied:
    """Counts how often each photo is studied; photos are squares of `side` pixels."""

    def __init__(self, side: int) -> None:
        self.cache = _Studies(4, pixels=24_000_000)
        self.made: list[str] = []
        # One byte seen as a whole picture: the cache looks at the shape only.
        self._rgb = np.broadcast_to(np.uint8(0), (side, side, 3))

    def get(self, *keys: str) -> None:
        for key in keys:
            self.cache.get(key, lambda key=key: self._make(key))

    def _make(self, key: str) -> Study:
        self.made.append(key)
        return cast("Study", SimpleNamespace(rgb=self._rgb))


def test_small_photos_are_remembered_by_number() -> None:
    studied = Studied(2000)
    studied.get(*"abcd", *"abcd")
    assert studied.made == list("abcd")
    studied.get("e", "a")
    assert studied.made == list("abcdea")


def test_large_photos_are_remembered_by_their_pixels() -> None:
    studied = Studied(3400)
    studied.get("a", "b", "b", "a")
    assert studied.made == ["a", "b"]
    studied.get("c", "a", "c")
    assert studied.made == ["a", "b", "c"]
    studied.get("b")
    assert studied.made == ["a", "b", "c", "b"]


def test_the_last_photo_is_remembered_however_large() -> None:
    studied = Studied(9000)
    studied.get("a", "a", "b", "b", "a")
    assert studied.made == ["a", "b", "a"]
