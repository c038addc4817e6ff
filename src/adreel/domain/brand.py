"""A brand kit: what makes a brand's films alike, kept by name and applied to an ad that says nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.domain.ad import Ad
from adreel.domain.errors import InputError
from adreel.domain.films.color import Color
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.logo import BrandLogo, LogoCorner, LogoMark
from adreel.domain.scripts.ad_request import AdRequest

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class BrandKit:
    """`name` is what it is kept by, `title` what viewers read. `color` is #RRGGBB, `font` a family or a font file, `music` a
    genre or a music file. `cta`, `address` and `legal` are the words of the end card. `mark`: the corner of clips in which the
    logo stands, None for none. `pronunciations` are pairs of a written word and how it is spoken: as English letters ("hail") or
    as sounds between slashes ("/hˈAl/")."""

    name: str
    title: str | None = None
    color: str | None = None
    font: str | None = None
    cta: str | None = None
    address: str | None = None
    legal: str | None = None
    logo: BrandLogo | None = None
    music: str | None = None
    mark: LogoCorner | None = None
    pronunciations: tuple[tuple[str, str], ...] = ()

    @property
    def said(self) -> dict[str, str]:
        """How words are spoken, by the word."""
        return dict(self.pronunciations)

    @property
    def logo_mark(self) -> LogoMark | None:
        """The logo over clips."""
        return LogoMark(self.logo, self.mark) if self.logo and self.mark else None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it names."""
        return self.logo.files if self.logo else ()


def check_name(name: str) -> str:
    """The name, which may become the name of a folder. Raises InputError for another kind of name."""
    if _NAME.fullmatch(name) is None:
        raise InputError(
            f"{name!r} is no name of a brand kit: take lower-case letters, digits and hyphens, 40 at most, such as morgen-mugs"
        )
    return name


def check_kit(kit: BrandKit) -> None:
    """Raises InputError for a name or a colour that cannot be used, and for a corner of clips without a logo."""
    check_name(kit.name)
    if kit.mark is not None and kit.logo is None:
        raise InputError(f"the brand kit {kit.name!r} puts a logo in a corner of clips, and has none; give it a logo")
    if kit.color is not None:
        Color.parse(kit.color)


def branded_request(kit: BrandKit, request: AdRequest) -> AdRequest:
    """The request with the kit's words where it has none of its own."""
    end = request.end
    words = replace(
        end,
        cta=kit.cta if end.cta is None else end.cta,
        address=end.address or kit.address,
        legal=end.legal or kit.legal,
    )
    return replace(request, brand=request.brand or kit.title, end=words)


def branded_ad(kit: BrandKit, ad: Ad) -> Ad:
    """The script with the kit's words where it has none of its own. A script without a call to action stays so: it was left
    out."""
    end = replace(ad.end, address=ad.end.address or kit.address, legal=ad.end.legal or kit.legal)
    return replace(ad, brand=ad.brand or kit.title, end=end)


def branded_options(kit: BrandKit, film: FilmOptions) -> FilmOptions:
    """The options with the kit's colour, font and music where they name none."""
    return replace(film, color=film.color or kit.color, font=film.font or kit.font, music=film.music or kit.music)
