"""The photo interface of the local engine, and its array types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
"""32-bit for all large arrays; the type also allows the results of NumPy's mixed expressions."""


class Still(Protocol):
    """A decoded photo, upright sRGB: `rgb` (height, width, 3), `alpha` (height, width) or None, `digest` of its file."""

    @property
    def rgb(self) -> U8: ...
    @property
    def alpha(self) -> U8 | None: ...
    @property
    def digest(self) -> str: ...


PhotoLoader = Callable[[Path], Still]
"""Reads a photo from a file. Raises PhotoError."""
