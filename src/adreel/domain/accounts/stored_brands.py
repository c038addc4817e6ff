"""Brand kits and files that users store in the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adreel.domain.brand import BrandKit
from adreel.domain.films.film_files import FileRef, FilmFiles


class FileKind(StrEnum):
    LOGO = "logo"
    FONT = "font"
    MUSIC = "music"
    RECORDING = "recording"


class BrandSlot(StrEnum):
    """The places for files in a brand kit."""

    LOGO_LIGHT = "logo_light"
    LOGO_DARK = "logo_dark"
    FONT = "font_file"
    MUSIC = "music_file"

    @property
    def kind(self) -> FileKind:
        return _KINDS[self]


_KINDS: Mapping[BrandSlot, FileKind] = {
    BrandSlot.LOGO_LIGHT: FileKind.LOGO,
    BrandSlot.LOGO_DARK: FileKind.LOGO,
    BrandSlot.FONT: FileKind.FONT,
    BrandSlot.MUSIC: FileKind.MUSIC,
}


@dataclass(frozen=True, slots=True)
class UserFile:
    """A stored file of a user; `name` is what the user called it, `family` the name of a font."""

    id: str
    kind: FileKind
    name: str
    storage_key: str
    content_hash: str
    content_type: str
    size_bytes: int
    created_at: datetime
    family: str = ""

    @property
    def ref(self) -> FileRef:
        return FileRef(self.storage_key, self.content_hash)


@dataclass(frozen=True, slots=True)
class StoredBrand:
    """A kit as a user stores it: `kit` holds its words, `files` what stands in its slots."""

    kit: BrandKit
    files: Mapping[BrandSlot, UserFile]
    created_at: datetime
    updated_at: datetime

    @property
    def film_files(self) -> FilmFiles:
        return film_files(self.files)


def film_files(files: Mapping[BrandSlot, UserFile]) -> FilmFiles:
    """The files of a film in these slots."""
    refs = {slot: file.ref for slot, file in files.items()}
    return FilmFiles(
        refs.get(BrandSlot.LOGO_LIGHT),
        refs.get(BrandSlot.LOGO_DARK),
        refs.get(BrandSlot.FONT),
        refs.get(BrandSlot.MUSIC),
    )
