"""Where the subject of a shot is, frame by frame: what words on the screen keep clear of."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.films.box import Box


@dataclass(frozen=True, slots=True)
class Subject:
    """The bounds of the product in each frame of a shot, as far as they lie in the frame, and those of its most interesting part,
    such as a label. `marks`: what else words keep clear of, such as a logo.
    """

    boxes: tuple[Box, ...]
    labels: tuple[Box, ...]
    marks: tuple[Box, ...] = ()
