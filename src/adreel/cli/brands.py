"""``adreel brand``: brand kits, which make the films of a brand alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.cli.pronunciations import Pronounced, pronunciations_of
from adreel.domain.errors import InputError
from adreel.domain.films.logo import LogoCorner

if TYPE_CHECKING:
    from adreel.domain.brand import BrandKit

brand = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Keep brand kits: logo, colour, font, music and words."
)

Name = Annotated[str, typer.Argument(help="Name of the kit: lower-case letters, digits and hyphens.")]


@brand.command()
def add(
    name: Name,
    title: Annotated[str | None, typer.Option(help="Name of the brand as viewers read it.")] = None,
    logo: Annotated[Path | None, typer.Option(help="Logo for light grounds: SVG, PNG or JPEG.", metavar="FILE")] = None,
    dark_logo: Annotated[Path | None, typer.Option(help="Logo for dark grounds.", metavar="FILE")] = None,
    color: Annotated[str | None, typer.Option(help="Colour of cards and buttons, #RRGGBB.")] = None,
    font: Annotated[str | None, typer.Option(help="Font family, or a font file, which is copied.")] = None,
    cta: Annotated[str | None, typer.Option(help="Usual call to action.")] = None,
    address: Annotated[str | None, typer.Option(help="Address of the shop, for the end card.")] = None,
    legal: Annotated[str | None, typer.Option(help="Legal line, for the end card.")] = None,
    music: Annotated[str | None, typer.Option(help="Music: a genre, or a file, which is copied.")] = None,
    logo_on_clips: Annotated[
        LogoCorner | None, typer.Option(help="The corner of every clip in which the logo stands; none without it.")
    ] = None,
    pronounce: Pronounced = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the kit of this name.")] = False,
) -> None:
    """Keep a brand kit; adreel make and adreel script apply it with --brand-kit NAME."""
    from adreel.bootstrap.brands import open_brands
    from adreel.domain.brand import BrandKit
    from adreel.domain.films.logo import BrandLogo

    files = BrandLogo(logo, dark_logo)
    words = (title, color, font, cta, address, legal)
    said = tuple(pronunciations_of(pronounce).items())
    kit = BrandKit(name, *words, files if files.files else None, music, logo_on_clips, said)
    open_brands().add(kit, overwrite=overwrite)
    typer.echo(f"{name} is kept; apply it with --brand-kit {name}")


@brand.command()
def pronounce(
    name: Name,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD=SOUND…", help='Such as "Hale=hail" or "Hale=/hˈAl/".')
    ] = None,
    forget: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="Forget a word; may be given several times.")
    ] = None,
) -> None:
    """Say how words of a brand are spoken; adreel say --brand-kit NAME speaks a line with it."""
    from dataclasses import replace

    from adreel.bootstrap.brands import open_brands

    brands = open_brands()
    kit = brands.get(name)
    said = {**kit.said, **pronunciations_of(words)}
    unknown = [word for word in forget or () if word not in said]
    if unknown:
        raise InputError(
            f"--forget {unknown[0]!r}: {name} has no pronunciation of it; it has: {', '.join(said) or 'none'}"
        )
    kept = tuple((word, each) for word, each in said.items() if word not in (forget or ()))
    brands.add(replace(kit, pronunciations=kept), overwrite=True)
    for word, each in kept:
        typer.echo(f"{word}  {each}")


@brand.command(name="list")
def list_kits() -> None:
    """List the names of the brand kits."""
    from adreel.bootstrap.brands import open_brands

    for name in open_brands().names():
        typer.echo(name)


@brand.command()
def show(name: Name) -> None:
    """Show what a brand kit holds."""
    from adreel.bootstrap.brands import open_brands

    for label, value in _lines(open_brands().get(name)):
        typer.echo(f"{label:<10} {value}")


@brand.command()
def remove(name: Name) -> None:
    """Remove a brand kit with its files. Films and scripts stay as they are."""
    from adreel.bootstrap.brands import open_brands

    open_brands().remove(name)
    typer.echo(f"{name} is removed")


def _lines(kit: BrandKit) -> list[tuple[str, object]]:
    logo = kit.logo
    values = {
        "name": kit.name,
        "title": kit.title,
        "color": kit.color,
        "font": kit.font,
        "cta": kit.cta,
        "address": kit.address,
        "legal": kit.legal,
        "logo": logo and logo.light,
        "dark logo": logo and logo.dark,
        "music": kit.music,
        "on clips": kit.mark,
        "spoken": ", ".join(f"{word} = {said}" for word, said in kit.pronunciations) or None,
    }
    return [(label, value) for label, value in values.items() if value is not None]
