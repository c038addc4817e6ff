"""``adreel locale``, and ``--locale`` of ``adreel make``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from adreel.domain.ad import Ad

_HEADING = """The words of an ad in another language. Translate each text behind a # sign into the empty quotation marks
before it; prices and addresses may stay empty, then they are as in the script. Then make the films:
  adreel make --script SCRIPT --locale NAME=FILE"""

Locales = Annotated[
    list[str] | None,
    typer.Option(
        "--locale",
        metavar="NAME=FILE",
        help="Also a film in another language, with the words of FILE (see adreel locale): de=de.toml makes NAME-de.mp4 beside "
        "NAME.mp4; may be given several times.",
    ),
]


@dataclass(frozen=True, slots=True)
class Version:
    """A film of a script in one language. `name` is that of its locale, None for the script as it is."""

    name: str | None
    ad: Ad | None
    language: str | None

    def out(self, path: Path) -> Path:
        """The file of the film: NAME.mp4, or NAME-LOCALE.mp4."""
        return path if self.name is None else path.with_name(f"{path.stem}-{self.name}{path.suffix}")


def locale(
    script: Annotated[Path, typer.Argument(help="A script written by adreel script.")],
    language: Annotated[str, typer.Option(metavar="CODE", help="The language to translate into, such as de or pt-BR.")],
) -> None:
    """Write the file to translate for a film in another language to standard output, for adreel make --locale."""
    from adreel.cli.script_options import read_script
    from adreel.domain.scripts.locales import locale_name, locale_template

    typer.echo(locale_template(read_script(script), locale_name(language), _HEADING), nl=False)


def versions_of(ad: Ad | None, locales: Sequence[str] | None, language: str | None) -> list[Version]:
    """The script in its own language, then in those of `locales`. Raises InputError that names each missing translation."""
    own = Version(None, ad, language)
    if not locales:
        return [own]
    if ad is None:
        raise InputError("--locale: the words of a script are translated; give one with --script, or facts with --fact")
    versions = [own, *(_version(ad, each) for each in locales)]
    names = [version.name for version in versions]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"--locale {twice}: the locale is given twice")
    return versions


def _version(ad: Ad, given: str) -> Version:
    from adreel.domain.scripts.locales import localized, parse_locale

    name, sign, file = given.partition("=")
    if not sign or not file:
        raise InputError(f"--locale {given!r} is not NAME=FILE, such as de=de.toml")
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {file}: {error}") from error
    words = parse_locale(text, name.strip(), file)
    return Version(words.name, localized(ad, words), words.language)
