"""Command-line options of a script: what an ad is to say, shared by the commands that write one."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from adreel.domain.ad import Ad, Beat, Offer
    from adreel.domain.brand import BrandKit
    from adreel.domain.scripts.ad_request import AdRequest

STANDARD_INPUT = Path("-")


_HELP: Mapping[str, tuple[str, str | None]] = {
    "facts": ("A text file of facts about the product, one a line; # begins a comment.", "FILE"),
    "fact": ("One fact about the product; may be given several times.", None),
    "price": ("The price, such as 24.90.", "AMOUNT"),
    "was": ("The former price, shown struck through.", "AMOUNT"),
    "currency": ("Currency of the prices, such as EUR; USD by default.", "CODE"),
    "badge": ('A few words about the offer, such as "New".', None),
    "until": ("The last day of the offer, such as 2026-12-24.", "DATE"),
    "recipe": (
        "launch, benefits, offer, problem-solution, lookbook, quotes or bumper; by default what suits the facts.",
        "NAME",
    ),
    "text_style": ("Style of the text: editorial, bold, minimal, luxury, playful or technical.", "NAME"),
    "seconds": ("Length of the film, end card included; by default the recipe's.", None),
    "brand": ("Name of the brand.", None),
    "brand_kit": ("A brand kit, kept by adreel brand: what it says applies where no option says otherwise.", "NAME"),
    "address": ("Address of the shop, for the end card.", None),
    "legal": ("Legal line, for the end card.", None),
}
"""Help and kind of value of each option."""


@dataclass(frozen=True, slots=True)
class ScriptOptions:
    """What the options of one command line say; None for those that are not given."""

    facts: Path | None = None
    fact: list[str] | None = None
    price: str | None = None
    was: str | None = None
    currency: str | None = None
    badge: str | None = None
    until: str | None = None
    recipe: str | None = None
    text_style: str | None = None
    seconds: float | None = None
    brand: str | None = None
    brand_kit: str | None = None
    address: str | None = None
    legal: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The options that are given, as they are typed."""
        return tuple(_flag(each) for each in fields(self) if getattr(self, each.name) not in (None, [], ()))

    def kit(self) -> BrandKit | None:
        """The brand kit that is to be applied, if any. Raises InputError, NotFoundError."""
        if self.brand_kit is None:
            return None
        from adreel.bootstrap.brands import open_brands

        return open_brands().get(self.brand_kit)


def script_parameters() -> list[inspect.Parameter]:
    """Returns one keyword parameter for each option, for typer."""
    kinds = get_type_hints(ScriptOptions)
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kinds[name], typer.Option(help=text, metavar=value)],
        )
        for name, (text, value) in _HELP.items()
    ]


def take_script_options(values: dict[str, Any]) -> ScriptOptions:
    """Takes the options of a script out of a command's values."""
    return ScriptOptions(**{each.name: values.pop(each.name) for each in fields(ScriptOptions)})


def request_of(
    options: ScriptOptions,
    photos: Sequence[Path],
    name: str | None,
    cta: str | None,
    prompt: str,
    *,
    spoken: bool = False,
) -> AdRequest:
    """What a script is written from. `cta` None for the usual one; `spoken`: its lines will be. Raises InputError for
    options that cannot be used."""
    from adreel.domain.ad import EndCard
    from adreel.domain.brand import branded_request
    from adreel.domain.scripts.ad_request import AdRequest
    from adreel.media.photos.folders import find_photos
    from adreel.media.photos.photo import check_photo

    found = find_photos(photos).paths
    for path in found:
        check_photo(path)
    request = AdRequest(
        photos=tuple(path.as_posix() for path in found),
        product=name or "",
        facts=_facts(options),
        offer=_offer(options),
        end=EndCard(cta, options.address, options.legal),
        brand=options.brand,
        recipe=options.recipe,
        style=options.text_style,
        prompt=prompt,
        seconds=options.seconds,
        spoken=spoken,
    )
    kit = options.kit()
    return request if kit is None else branded_request(kit, request)


def read_script(path: Path) -> Ad:
    """Reads a script from a file, or from standard input. Raises InputError that names the file."""
    from adreel.domain.scripts.ad_format.reading import parse_ad

    where = "standard input" if path == STANDARD_INPUT else str(path)
    ad = parse_ad(_text(path, where), where)
    return replace(ad, beats=tuple(_with_recording(beat, path.parent) for beat in ad.beats))


def _with_recording(beat: Beat, folder: Path) -> Beat:
    """The beat whose recording, if any, is found from the folder of its script."""
    return beat if beat.recording is None else replace(beat, recording=(folder / beat.recording).as_posix())


def script_photos(ad: Ad, path: Path) -> tuple[Path, ...]:
    """The photos of a script, whose paths begin at its folder. Raises InputError for a script that names none."""
    if not ad.photos:
        raise InputError(f"{path} names no photos; give them before --script, or in the field 'photos'")
    return tuple(path.parent / photo for photo in ad.photos)


def was_given(context: typer.Context, name: str) -> bool:
    """Whether the user gave an option of the running command, so that it does not have its default."""
    source = context.get_parameter_source(name)
    return source is not None and not source.name.startswith("DEFAULT")


def _facts(options: ScriptOptions) -> tuple[str, ...]:
    lines = _text(options.facts, str(options.facts)).splitlines() if options.facts else []
    stripped = (line.strip() for line in (*lines, *(options.fact or ())))
    return tuple(line for line in stripped if line and not line.startswith("#"))


def _offer(options: ScriptOptions) -> Offer | None:
    from adreel.domain.scripts.ad_format.reading import read_offer

    names = ("price", "was", "currency", "badge", "until")
    values: Mapping[str, str] = {name: value for name in names if (value := getattr(options, name)) is not None}
    if values and options.price is None:
        raise InputError(f"--{next(iter(values))} is part of an offer, which needs a --price")
    return read_offer("the offer", values) if values else None


def _text(path: Path, where: str) -> str:
    try:
        return typer.get_text_stream("stdin").read() if path == STANDARD_INPUT else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {where}: {error}") from error


def _flag(each: Field[Any]) -> str:
    return f"--{each.name.replace('_', '-')}"
