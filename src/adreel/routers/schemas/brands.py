"""Bodies of brand kits and of users' files."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints

from adreel.domain.accounts.stored_brands import BrandSlot, FileKind
from adreel.domain.brand import BrandKit
from adreel.domain.scripts.ad_format.reading import LONGEST_TEXT
from adreel.routers.schemas.common import Answer, Body, ColorText, Id, Time, clean_text
from adreel.routers.schemas.film_options import Genre
from adreel.services.brands.checks import LONGEST_PRONUNCIATION, MOST_PRONUNCIATIONS

BRAND_NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"

BrandName = Annotated[str, StringConstraints(pattern=BRAND_NAME)]
ChosenBrand = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")]
"""The name of a kit, "" for none."""

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(clean_text)]

Said = Annotated[str, Field(min_length=1, max_length=LONGEST_PRONUNCIATION), AfterValidator(clean_text)]

_FILE: dict[str, JsonValue] = {
    "id": "4c8e2a6f0b1d4e7f9a3c5d7e1f2b4a6c",
    "kind": "logo",
    "name": "morgen.png",
    "family": None,
    "content_type": "image/png",
    "size_bytes": 18211,
    "url": "/media/files/local/4c8e2a6f0b1d4e7f9a3c5d7e1f2b4a6c.png?expires=1790000000&signature=3b5c",
    "created_at": "2026-05-04T09:30:00.125000Z",
}
_WORDS: dict[str, JsonValue] = {
    "title": "Morgen",
    "color": "#1F6F78",
    "font": "Poppins",
    "cta": "Order yours",
    "address": "morgen.example",
    "legal": "Price incl. VAT, plus shipping",
    "music": "chill",
    "pronunciations": {"Morgen": "more gun"},
}


class FilmFilesBody(Body):
    """Ids of the user's files (see `POST /api/files`), each optional: a logo for light and one for dark grounds, a font,
    music."""

    logo_light: Id | None = None
    logo_dark: Id | None = None
    font_file: Id | None = None
    music_file: Id | None = None

    @property
    def slots(self) -> dict[BrandSlot, str]:
        """The ids by their slot."""
        return {slot: value for slot in BrandSlot if (value := getattr(self, slot.value)) is not None}


class ReplaceBrandRequest(FilmFilesBody):
    """`title` is the brand as viewers read it; `cta`, `address` and `legal` stand on the end card. `font` is the name of a
    family, `music` a genre or `none`; `font_file` and `music_file` take their place. `pronunciations` say how words are spoken,
    by the word: in English letters ("hail") or as sounds between slashes ("/hˈAl/")."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WORDS]})

    title: Text | None = None
    color: ColorText | None = None
    font: Text | None = None
    cta: Text | None = None
    address: Text | None = None
    legal: Text | None = None
    music: Genre | None = None
    pronunciations: dict[Said, Said] = Field(default_factory=dict, max_length=MOST_PRONUNCIATIONS)

    def kit(self, name: str) -> BrandKit:
        """The words as a kit of this name."""
        words = (self.title, self.color, self.font, self.cta, self.address, self.legal)
        return BrandKit(name, *words, music=self.music, pronunciations=tuple(self.pronunciations.items()))


class CreateBrandRequest(ReplaceBrandRequest):
    """`name` is what the kit is chosen by."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "morgen", **_WORDS}]})

    name: BrandName


class StoredFile(Answer):
    """A file of the user. `family` is the name of a font; `url` a signed link."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FILE]})

    id: str
    kind: FileKind
    name: str
    family: str | None
    content_type: str
    size_bytes: int
    url: str
    created_at: Time


class StoredFiles(Answer):
    """Oldest first."""

    files: list[StoredFile]


class Brand(Answer):
    """A brand kit with its files."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "morgen",
                    **_WORDS,
                    "logo_light": _FILE,
                    "logo_dark": None,
                    "font_file": None,
                    "music_file": None,
                    "created_at": "2026-05-04T09:30:00.125000Z",
                    "updated_at": "2026-05-04T09:34:10.500000Z",
                }
            ]
        }
    )

    name: str
    title: str | None
    color: str | None
    font: str | None
    cta: str | None
    address: str | None
    legal: str | None
    music: str | None
    pronunciations: dict[str, str]
    logo_light: StoredFile | None
    logo_dark: StoredFile | None
    font_file: StoredFile | None
    music_file: StoredFile | None
    created_at: Time
    updated_at: Time


class Brands(Answer):
    """By name."""

    brands: list[Brand]
