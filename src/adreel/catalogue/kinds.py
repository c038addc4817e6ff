"""Turns a catalogue table into the model type of its kind, and validates it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypedDict

from adreel.catalogue.aspects import is_near
from adreel.catalogue.fields import Entry, Value
from adreel.catalogue.lengths import FrameChoice, FramesAtRate, FreeLength, Length, WholeSeconds
from adreel.catalogue.models import (
    Choice,
    ImageModel,
    Motion,
    OutputForm,
    Resolution,
    Sizes,
    SpeechModel,
    Status,
    TextModel,
    VideoModel,
)
from adreel.domain.errors import InputError
from adreel.domain.films.formats import ratio_of

OWN_SOURCE = "own file"
"""Default source of entries in a user's own file; such entries need no date."""

_LOCAL = "local"
_PROVIDER = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_REFERENCE = re.compile(r"[\w.-]+/[\w.-]+(:[0-9a-f]{64})?", re.ASCII)


class _Common(TypedDict):
    name: str
    title: str
    provider: str
    reference: str
    licence: str
    output: OutputForm
    typical_seconds: float
    price_is_estimate: bool
    source: str
    seen_on: date | None
    status: Status
    unusable: str | None
    inputs: dict[str, Value]


def read_video(name: str, entry: Entry) -> VideoModel:
    """Raises InputError that names the model and the field at fault."""
    common = _common(name, entry, OutputForm.URI)
    resolution = _resolution(entry)
    length = _length(entry, resolution)
    aspect = _choice(entry, "aspect")
    price, by_second = _video_price(entry, resolution)
    model = VideoModel(
        **common,
        price=price,
        priced_by_second=by_second,
        min_seconds=entry.number("min_seconds"),
        max_seconds=length.max_seconds,
        length=length,
        typical_seconds_per_clip_second=entry.number("typical_seconds_per_clip_second", 0.0),
        image_field=entry.text_or_none("image_field"),
        prompt_field=entry.text_or_none("prompt_field"),
        seed_field=entry.text_or_none("seed_field"),
        motion=_motion(entry),
        resolution=resolution,
        aspect=aspect,
        follows_image=entry.flag("follows_image", default=aspect is None),
    )
    _check_video(model, entry)
    return model


def read_image(name: str, entry: Entry) -> ImageModel:
    """Raises InputError that names the model and the field at fault."""
    return ImageModel(
        **_common(name, entry, OutputForm.URI),
        price=entry.money("price_per_image"),
        prompt_field=entry.text("prompt_field"),
        image_field=entry.text_or_none("image_field"),
        image_is_list=entry.flag("image_is_list", default=False),
        seed_field=entry.text_or_none("seed_field"),
        aspect=_choice(entry, "aspect"),
        sizes=_sizes(entry),
    )


def read_text(name: str, entry: Entry) -> TextModel:
    """Raises InputError that names the model and the field at fault."""
    return TextModel(
        **_common(name, entry, OutputForm.TEXT),
        price=entry.money("price_per_answer"),
        prompt_field=entry.text("prompt_field"),
        system_field=entry.text_or_none("system_field"),
        tokens_field=entry.text_or_none("tokens_field"),
        temperature_field=entry.text_or_none("temperature_field"),
    )


def read_speech(name: str, entry: Entry) -> SpeechModel:
    """Raises InputError that names the model and the field at fault."""
    languages = entry.values("languages")
    if not languages or not all(isinstance(value, str) for value in languages.values()):
        raise entry.complaint("languages", "a table of texts by language code")
    model = SpeechModel(
        **_common(name, entry, OutputForm.URI),
        price=entry.money("price_per_1000_characters"),
        text_field=entry.text("text_field"),
        voice_field=entry.text("voice_field"),
        voices=entry.texts("voices"),
        max_characters=entry.whole("max_characters"),
        languages={code: str(value) for code, value in languages.items()},
        language_field=entry.text_or_none("language_field"),
        any_language=entry.text_or_none("any_language"),
    )
    if (model.language_field is None) != (model.any_language is None):
        raise InputError(f"{entry.where} needs both 'language_field' and 'any_language', or neither")
    return model


def _common(name: str, entry: Entry, form: OutputForm) -> _Common:
    reference = entry.text("reference")
    if not _REFERENCE.fullmatch(reference):
        raise entry.complaint("reference", "owner/name, or owner/name:VERSION with a version of 64 hexadecimal digits")
    forms = [str(known) for known in OutputForm]
    source = entry.text("source")
    dated = source != OWN_SOURCE or "seen_on" in entry
    return {
        "name": name,
        "title": entry.text("title"),
        "provider": _provider(entry),
        "reference": reference,
        "licence": entry.text("licence"),
        "output": OutputForm(entry.one_of("output", forms)) if "output" in entry else form,
        "typical_seconds": entry.number("typical_seconds", 0.0),
        "price_is_estimate": entry.flag("price_is_estimate", default=False),
        "source": source,
        "seen_on": entry.day("seen_on") if dated else None,
        "status": Status(entry.one_of("status", list(Status))) if "status" in entry else Status.CURRENT,
        "unusable": entry.text_or_none("unusable"),
        "inputs": dict(entry.values("inputs")),
    }


def _provider(entry: Entry) -> str:
    """Which providers there are, the caller knows; see `load_catalogue`."""
    provider = entry.text("provider")
    if not _PROVIDER.fullmatch(provider):
        raise entry.complaint("provider", "the name of a provider: small letters, digits and underscores")
    return provider


def _video_price(entry: Entry, resolution: Resolution | None) -> tuple[Decimal, bool]:
    """Returns the price, and whether it is per second."""
    by_second = "price_per_second" in entry
    if by_second and "price_per_clip" in entry:
        raise InputError(f"{entry.where} has both 'price_per_clip' and 'price_per_second'; keep one")
    field = "price_per_second" if by_second else "price_per_clip"
    prices = entry.money_by(field)
    chosen = resolution.value if resolution else ""
    if "" not in prices and chosen not in prices:
        raise entry.complaint(field, f"one price, or a table with the resolution {chosen!r} in it")
    return prices.get("", prices.get(chosen, Decimal(0))), by_second


def _length(entry: Entry, resolution: Resolution | None) -> Length:
    if "frames" in entry:
        return _frames(entry.entry("frames"))
    if "duration" in entry:
        return _whole_seconds(entry.entry("duration"), resolution)
    return FreeLength(entry.number("max_seconds"))


def _whole_seconds(entry: Entry, resolution: Resolution | None) -> WholeSeconds:
    field = entry.text("field")
    if "choices" in entry:
        choices = tuple(sorted(entry.wholes("choices")))
    elif "choices_by_resolution" in entry:
        choices = _choices_of(entry.entry("choices_by_resolution"), resolution)
    else:
        choices = tuple(range(entry.whole("least"), entry.whole("most") + 1))
        if not choices:
            raise entry.complaint("most", "at least 'least'")
    entry.finish()
    return WholeSeconds(field, choices)


def _choices_of(entry: Entry, resolution: Resolution | None) -> tuple[int, ...]:
    """Returns the lengths in whole seconds for the resolution; the other resolutions are validated too."""
    known = {name: tuple(sorted(entry.wholes(name))) for name in entry.names()}
    if resolution is None or resolution.value not in known:
        raise InputError(f"{entry.where} says nothing of the resolution {resolution.value if resolution else ''!r}")
    return known[resolution.value]


def _frames(entry: Entry) -> FramesAtRate:
    choices = [FrameChoice(choice.value("value"), choice.whole("frames")) for choice in entry.entries("choices")]
    least, most = entry.whole("least_rate"), entry.whole("most_rate")
    if not 0 < least <= most:
        raise entry.complaint("least_rate", "above 0 and at most 'most_rate'")
    if any(choice.frames < 1 for choice in choices):
        raise entry.complaint("choices", "of at least one frame each")
    ascending = tuple(sorted(choices, key=lambda choice: choice.frames))
    billed = entry.whole("billed_frames") if "billed_frames" in entry else None
    if billed == 0:
        raise entry.complaint("billed_frames", "above 0")
    length = FramesAtRate(entry.text("field"), ascending, entry.text("rate_field"), least, most, billed)
    entry.finish()
    return length


def _motion(entry: Entry) -> Motion | None:
    if "motion" not in entry:
        return None
    inner = entry.entry("motion")
    motion = Motion(inner.text("field"), inner.whole("least"), inner.whole("most"))
    inner.finish()
    if motion.least > motion.most:
        raise inner.complaint("most", "at least 'least'")
    return motion


def _choice(entry: Entry, field: str) -> Choice | None:
    """Reads an aspect field: its values must be aspects."""
    if field not in entry:
        return None
    inner = entry.entry(field)
    choice = Choice(inner.text("field"), inner.texts("choices"))
    inner.finish()
    _check_aspects(inner, choice.values)
    return choice


def _check_aspects(entry: Entry, values: Iterable[str]) -> None:
    for value in values:
        try:
            ratio_of(value)
        except InputError as error:
            raise InputError(f"{entry.where}: {error}") from error


def _sizes(entry: Entry) -> Sizes | None:
    if "sizes" not in entry:
        return None
    if "aspect" in entry:
        raise InputError(f"{entry.where} has both 'aspect' and 'sizes'; keep one")
    inner = entry.entry("sizes")
    pixels = inner.entry("by_aspect")
    by_aspect = {aspect: pixels.pair(aspect) for aspect in pixels.names()}
    _check_aspects(pixels, by_aspect)
    wrong = next((name for name, size in by_aspect.items() if not is_near(f"{size[0]}:{size[1]}", name)), None)
    if wrong is not None or not by_aspect:
        raise inner.complaint("by_aspect", "a table of sizes by the aspect that they have")
    sizes = Sizes(inner.text("width_field"), inner.text("height_field"), by_aspect)
    inner.finish()
    return sizes


def _resolution(entry: Entry) -> Resolution | None:
    if "resolution" not in entry:
        return None
    inner = entry.entry("resolution")
    value = inner.text("value")
    if "choices" in inner:
        inner.one_of("value", inner.texts("choices"))
    resolution = Resolution(value, inner.text_or_none("field"))
    inner.finish()
    return resolution


def _check_video(model: VideoModel, entry: Entry) -> None:
    if not 0 < model.min_seconds <= model.max_seconds:
        raise entry.complaint("min_seconds", f"above 0 and at most {model.max_seconds:g}")
    if model.provider == _LOCAL:
        return
    if model.aspect is None and not model.follows_image:
        raise entry.complaint(
            "follows_image", "true for a model without 'aspect': else nothing decides its clips' aspect"
        )
    if model.image_field is None:
        raise InputError(f"{entry.where} lacks the field 'image_field'")
    if model.seed_field is None and model.prompt_field is None:
        raise InputError(
            f"{entry.where} lacks both 'seed_field' and 'prompt_field': its orders could not be found again"
        )
    if isinstance(model.length, FreeLength):
        raise InputError(f"{entry.where} lacks 'duration' or 'frames': how a length is asked for")
