"""Both sizes of a film of 16:9, for tests whose film is small in `make test` and full in `make test-long`, too."""

from __future__ import annotations

import pytest

from adreel.domain.films.formats import ASPECTS
from support.small_films import SMALL_ASPECTS

FULL, SMALL = ASPECTS["16:9"], SMALL_ASPECTS["16:9"]
SIZES = (
    pytest.param(SMALL, id="small"),
    pytest.param(FULL, id="full", marks=[pytest.mark.full_size, pytest.mark.long]),
)
"""Values of a parameter `size`."""
