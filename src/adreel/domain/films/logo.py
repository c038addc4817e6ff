"""The logo of a brand, in one version for light grounds and one for dark ones, and its place in the frames of clips."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adreel.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class BrandLogo:
    """Picture files of a logo: `light` for light grounds, `dark` for dark ones; one of them at least."""

    light: Path | None = None
    dark: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(each for each in (self.light, self.dark) if each is not None)

    def for_ground(self, *, is_dark: bool) -> Path:
        """The version for a ground; the other one where there is only that."""
        wanted, other = (self.dark, self.light) if is_dark else (self.light, self.dark)
        found = wanted or other
        if found is None:
            raise InputError("a logo has no file; give one for light or for dark grounds")
        return found


class LogoCorner(StrEnum):
    """A corner of the frame."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def is_left(self) -> bool:
        return self in (LogoCorner.TOP_LEFT, LogoCorner.BOTTOM_LEFT)

    @property
    def is_top(self) -> bool:
        return self in (LogoCorner.TOP_LEFT, LogoCorner.TOP_RIGHT)


@dataclass(frozen=True, slots=True)
class LogoMark:
    """A small logo over every frame of a clip, in this corner unless the product is there."""

    logo: BrandLogo
    corner: LogoCorner
