"""Files of a film that its user stored in the service: a logo, a font, music."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file: its storage key and the hash of its content."""

    key: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class FilmFiles:
    """None: the film has no such file. `logo_light` is for light grounds, `logo_dark` for dark ones."""

    logo_light: FileRef | None = None
    logo_dark: FileRef | None = None
    font: FileRef | None = None
    music: FileRef | None = None

    @property
    def has_logo(self) -> bool:
        return self.logo_light is not None or self.logo_dark is not None

    def over(self, other: FilmFiles) -> FilmFiles:
        """These files, and those of `other` where this has none. A logo takes the place of the other's, in both versions."""
        logo = self if self.has_logo else other
        return replace(
            self,
            logo_light=logo.logo_light,
            logo_dark=logo.logo_dark,
            font=self.font or other.font,
            music=self.music or other.music,
        )

    def to_json(self) -> dict[str, dict[str, str]]:
        return {each.name: asdict(ref) for each in fields(self) if (ref := getattr(self, each.name)) is not None}

    @classmethod
    def read(cls, stored: Mapping[str, Mapping[str, str]]) -> FilmFiles:
        return cls(**{name: FileRef(**ref) for name, ref in stored.items()})


NO_FILES = FilmFiles()
