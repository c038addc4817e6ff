"""The logo of a brand, in one version for light grounds and one for dark ones."""

from __future__ import annotations

from dataclasses import dataclass
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
