"""Colours as numbers, and the contrast rule that text on cards must meet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adreel.domain.errors import InputError

_HEX = re.compile(r"#?([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Color:
    """sRGB, 0–255 each."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> Color:
        """Reads ``#RRGGBB``. Raises InputError for anything else."""
        match = _HEX.fullmatch(text.strip())
        if match is None:
            raise InputError(f"colour {text!r} is not of the form #RRGGBB, for example #E4572E")
        red, green, blue = (int(part, 16) for part in match.groups())
        return cls(red, green, blue)

    @property
    def hex(self) -> str:
        return f"#{self.red:02X}{self.green:02X}{self.blue:02X}"

    @property
    def luminance(self) -> float:
        """Relative luminance, 0–1 (WCAG 2.2, definition of relative luminance)."""
        red, green, blue = (_linear(value / 255) for value in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: Color) -> float:
        """Contrast ratio 1–21 (WCAG 2.2, definition of contrast ratio)."""
        lighter, darker = sorted((self.luminance, other.luminance), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
