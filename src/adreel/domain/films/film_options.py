"""The options of a film: one type from which the command line, the API, the page and the jobs derive theirs.

A new option is a field of `FilmOptions` and the code that uses it; its flag, its field in a request body, its JSON and its
control on the page are generated from its `FilmOption` metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import Enum, StrEnum
from typing import Any, TypeVar, cast

from adreel.domain.errors import InputError
from adreel.domain.films.captions import CaptionLook, Captions
from adreel.domain.films.film import Fit, IntroStyle, Transition

Json = dict[str, Any]

NO_MUSIC = "none"
SILENT = "off"
SPEAKING = "on"
MAX_CARD_SECONDS = 10.0
"""Longest card, in seconds."""
MAX_SEED = 2**31 - 1

_OPTION = "option"


class Control(StrEnum):
    """The kind of an option's value, which determines its control on the page."""

    TEXT = "text"
    COLOR = "color"
    SECONDS = "seconds"
    CHOICE = "choice"
    SWITCH = "switch"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class FilmOption:
    """Metadata of one option.

    `help` explains it on the command line and on the page, `label` names its control. `path` locates it in the body of
    ``compose-final-video``, as keys from the outside in; empty for an option that a request carries elsewhere. `minimum` and
    `maximum` bound seconds and numbers.
    """

    control: Control
    label: str
    help: str
    path: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def option(default: object, about: FilmOption) -> Any:  # noqa: ANN401 (a dataclass field stands for a value of its type)
    """A field of `FilmOptions`, with its default."""
    return field(default=default, metadata={_OPTION: about})


def _card_seconds(card: str) -> FilmOption:
    return FilmOption(
        Control.SECONDS,
        f"{card.capitalize()}, seconds",
        f"Length of the {card} card; 0 for none.",
        (f"{card}_duration",),
        minimum=0,
        maximum=MAX_CARD_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """A film as the user requests it: lengths in seconds, colour as #RRGGBB, music as a genre, a file's path or "none".

    None lets adreel choose: no card without text, the product's colour, music that suits the prompt.
    """

    name: str | None = option(
        None,
        FilmOption(
            Control.TEXT,
            "Product name",
            "Product name, for the intro card; without it there is no intro card.",
            ("text_overlay", "product_name"),
        ),
    )
    cta: str | None = option(
        None,
        FilmOption(
            Control.TEXT,
            "Call to action",
            'Call to action, for the outro card; "" for no outro card.',
            ("text_overlay", "cta"),
        ),
    )
    aspect: str = option("16:9", FilmOption(Control.TEXT, "Format", "16:9, 9:16, 1:1 or 4:5."))
    music: str | None = option(
        None,
        FilmOption(
            Control.TEXT,
            "Music",
            "A genre (upbeat, chill, energetic, luxury, playful), a file, or none.",
            ("audio", "genre"),
        ),
    )
    color: str | None = option(
        None, FilmOption(Control.COLOR, "Colour", "Colour of the cards, #RRGGBB.", ("text_overlay", "color"))
    )
    font: str | None = option(
        None,
        FilmOption(
            Control.TEXT,
            "Font",
            "Font of the cards: a family's name or a TTF/OTF file.",
            ("text_overlay", "font"),
        ),
    )
    intro_seconds: float = option(1.0, _card_seconds("intro"))
    outro_seconds: float = option(1.0, _card_seconds("outro"))
    transition: Transition = option(
        Transition.CUT, FilmOption(Control.CHOICE, "Transition", "Between clips and cards.", ("transition",))
    )
    fit: Fit = option(
        Fit.BLUR,
        FilmOption(
            Control.CHOICE, "Clips of another format", "How a clip of another aspect fills the frame.", ("fit",)
        ),
    )
    intro_style: IntroStyle = option(
        IntroStyle.PLAIN,
        FilmOption(
            Control.CHOICE,
            "Intro style",
            "The name on a card of its own (plain), or over the product from the first frame on.",
            ("intro_style",),
        ),
    )
    draft: bool = option(
        False,
        FilmOption(
            Control.SWITCH,
            "Draft",
            "The same film at half the size, quickly encoded, to look at an edit.",
            ("draft",),
        ),
    )
    voice: str = option(
        SILENT,
        FilmOption(
            Control.TEXT,
            "Voice",
            "on speaks the lines of the script over its beats, in English; off. On the command line also a hosted speech model, "
            "MODEL[:VOICE], a recording of all lines, or a folder with one for each beat.",
            ("voice",),
        ),
    )
    captions: Captions = option(
        Captions.OFF,
        FilmOption(
            Control.CHOICE,
            "Captions",
            "file gives captions beside the film (.srt, .vtt); track as a text track in it; both; on shows what is spoken in the "
            "picture.",
            ("captions",),
        ),
    )
    caption_style: CaptionLook = option(
        CaptionLook.PLATE,
        FilmOption(
            Control.CHOICE,
            "Caption style",
            "Of captions in the picture: plate, outline or spoken, which shows the spoken word.",
            ("caption_style",),
        ),
    )
    seed: int = option(
        0,
        FilmOption(
            Control.NUMBER,
            "Seed",
            "Another seed gives another take and other music.",
            minimum=0,
            maximum=MAX_SEED,
        ),
    )

    @property
    def speaks(self) -> bool:
        """Whether lines are spoken, by a voice or by a person."""
        return self.voice != SILENT


Options = TypeVar("Options", bound=FilmOptions)


def film_option_fields(kind: type[FilmOptions] = FilmOptions) -> Iterator[tuple[Field[Any], FilmOption]]:
    """Yields every field of `kind` with its metadata, in order."""
    for each in fields(kind):
        yield each, cast("FilmOption", each.metadata[_OPTION])


def to_json(options: FilmOptions) -> Json:
    """Serializes all options but the aspect, for storage in a job: a job makes one film for each of several aspects."""
    return {
        each.name: _plain(getattr(options, each.name))
        for each, _ in film_option_fields(type(options))
        if each.name != "aspect"
    }


def read_json(kept: Mapping[str, Any], aspect: str, kind: type[Options] = FilmOptions) -> Options:
    """Reads the JSON of `to_json`, also of an older version: missing options get their defaults.

    Raises InputError for unknown options.
    """
    known = {each.name: each for each, _ in film_option_fields(kind)}
    unknown = [name for name in kept if name not in known]
    if unknown:
        raise InputError(f"film option {unknown[0]!r} is not known; it was written by a newer version of adreel")
    values: Json = {name: _typed(known[name], value) for name, value in kept.items()}
    values["aspect"] = aspect
    return kind(**values)


def to_request(options: FilmOptions) -> Json:
    """Returns the body of ``compose-final-video`` that requests these options: sent again, it makes the same film."""
    body: Json = {}
    for each, about in film_option_fields(type(options)):
        if about.path:
            _put(body, about.path, _plain(getattr(options, each.name)))
    music = options.music
    body["audio"] = {"enabled": music != NO_MUSIC, "genre": None if music == NO_MUSIC else music}
    return body


def read_request(body: Mapping[str, Any], seed: int = 0, kind: type[Options] = FilmOptions) -> Options:
    """Reads a body of ``compose-final-video``, in which every option is optional.

    Raises InputError for an unknown option, or a value that is not among its choices.
    """
    _check_known(body, kind)
    values: Json = {"seed": seed}
    for each, about in film_option_fields(kind):
        value = _get(body, about.path) if about.path else None
        if value is not None and str(value).strip():
            values[each.name] = _typed(each, value)
    if (body.get("audio") or {}).get("enabled", True) is False:
        values["music"] = NO_MUSIC
    return kind(**values)


def _check_known(body: Mapping[str, Any], kind: type[FilmOptions]) -> None:
    known = {about.path for _, about in film_option_fields(kind)} | {("audio", "enabled")}
    groups = {path[0] for path in known if len(path) > 1}
    given = [(name, inner) for name in body if name in groups for inner in body[name] or ()]
    given += [(name,) for name in body if name not in groups]
    unknown = [".".join(path) for path in given if path not in known]
    if unknown:
        names = ", ".join(sorted(".".join(path) for path in known if path))
        raise InputError(f"a film has no option {unknown[0]!r}; choose from {names}")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Enum) else value


def _typed(each: Field[Any], value: object) -> object:
    """Converts `value` to the field's type: JSON has no enumerations, and writes 1.0 as 1."""
    default = each.default
    if isinstance(default, Enum):
        return _choice(each.name, type(default), value)
    if isinstance(default, float):
        return float(cast("float", value))
    return value


def _choice(name: str, choices: type[Enum], value: object) -> Enum:
    try:
        return choices(value)
    except ValueError:
        names = ", ".join(str(each) for each in choices)
        raise InputError(f"{name} {value!r} is not made; choose one of {names}") from None


def _put(body: Json, path: tuple[str, ...], value: object) -> None:
    *groups, last = path
    for group in groups:
        body = body.setdefault(group, {})
    body[last] = value


def _get(body: Mapping[str, Any], path: tuple[str, ...]) -> object:
    *groups, last = path
    for group in groups:
        body = body.get(group) or {}
    return body.get(last)
