"""Turns a table of the catalogue into the record of its kind, and checks that its parts fit together."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypedDict

from adreel.catalogue.fields import Entry, Value
from adreel.catalogue.lengths import FrameChoice, FramesAtRate, FreeLength, Length, WholeSeconds
from adreel.catalogue.models import Choice, ImageModel, Motion, MusicModel, OutputForm, TextModel, VideoModel
from adreel.domain.errors import InputError

_LOCAL = "local"
_PROVIDERS = (_LOCAL, "replicate")
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
    inputs: dict[str, Value]


def read_video(name: str, entry: Entry) -> VideoModel:
    """Raises InputError that names the model and the field at fault."""
    common = _common(name, entry, OutputForm.URI)
    length = _length(entry)
    resolution = _resolution(entry)
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
        end_image_field=entry.text_or_none("end_image_field"),
        prompt_field=entry.text_or_none("prompt_field"),
        seed_field=entry.text_or_none("seed_field"),
        motion=_motion(entry),
        resolution=resolution,
        aspect=_choice(entry, "aspect"),
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


def read_music(name: str, entry: Entry) -> MusicModel:
    """Raises InputError that names the model and the field at fault."""
    return MusicModel(
        **_common(name, entry, OutputForm.URI),
        price=entry.money("price_per_piece"),
        prompt_field=entry.text("prompt_field"),
        duration_field=entry.text("duration_field"),
        max_seconds=entry.number("max_seconds"),
        seed_field=entry.text_or_none("seed_field"),
    )


def _common(name: str, entry: Entry, form: OutputForm) -> _Common:
    reference = entry.text("reference")
    if not _REFERENCE.fullmatch(reference):
        raise entry.complaint("reference", "owner/name, or owner/name:VERSION with a version of 64 hexadecimal digits")
    forms = [str(known) for known in OutputForm]
    return {
        "name": name,
        "title": entry.text("title"),
        "provider": entry.one_of("provider", _PROVIDERS),
        "reference": reference,
        "licence": entry.text("licence"),
        "output": OutputForm(entry.one_of("output", forms)) if "output" in entry else form,
        "typical_seconds": entry.number("typical_seconds", 0.0),
        "price_is_estimate": entry.flag("price_is_estimate", default=False),
        "inputs": dict(entry.values("inputs")),
    }


def _video_price(entry: Entry, resolution: Choice | None) -> tuple[Decimal, bool]:
    """The price, and whether it is for each second."""
    by_second = "price_per_second" in entry
    if by_second and "price_per_clip" in entry:
        raise InputError(f"{entry.where} has both 'price_per_clip' and 'price_per_second'; keep one")
    field = "price_per_second" if by_second else "price_per_clip"
    prices = entry.money_by(field)
    chosen = resolution.values[0] if resolution else ""
    if "" not in prices and chosen not in prices:
        raise entry.complaint(field, f"one price, or a table with the resolution {chosen!r} in it")
    return prices.get("", prices.get(chosen, Decimal(0))), by_second


def _length(entry: Entry) -> Length:
    if "frames" in entry:
        return _frames(entry.entry("frames"))
    if "duration" in entry:
        return _whole_seconds(entry.entry("duration"))
    return FreeLength(entry.number("max_seconds"))


def _whole_seconds(entry: Entry) -> WholeSeconds:
    field = entry.text("field")
    if "choices" in entry:
        choices = tuple(sorted(entry.wholes("choices")))
    else:
        choices = tuple(range(entry.whole("least"), entry.whole("most") + 1))
        if not choices:
            raise entry.complaint("most", "at least 'least'")
    entry.finish()
    return WholeSeconds(field, choices)


def _frames(entry: Entry) -> FramesAtRate:
    choices = [FrameChoice(choice.value("value"), choice.whole("frames")) for choice in entry.entries("choices")]
    least, most = entry.whole("least_rate"), entry.whole("most_rate")
    if not 0 < least <= most:
        raise entry.complaint("least_rate", "above 0 and at most 'most_rate'")
    if any(choice.frames < 1 for choice in choices):
        raise entry.complaint("choices", "of at least one frame each")
    ascending = tuple(sorted(choices, key=lambda choice: choice.frames))
    length = FramesAtRate(entry.text("field"), ascending, entry.text("rate_field"), least, most)
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
    if field not in entry:
        return None
    inner = entry.entry(field)
    choice = Choice(inner.text("field"), inner.texts("choices"))
    inner.finish()
    return choice


def _resolution(entry: Entry) -> Choice | None:
    if "resolution" not in entry:
        return None
    inner = entry.entry("resolution")
    choice = Choice(inner.text("field"), (inner.text("value"),))
    inner.finish()
    return choice


def _check_video(model: VideoModel, entry: Entry) -> None:
    if not 0 < model.min_seconds <= model.max_seconds:
        raise entry.complaint("min_seconds", f"above 0 and at most {model.max_seconds:g}")
    if model.provider == _LOCAL:
        return
    if model.image_field is None:
        raise InputError(f"{entry.where} lacks the field 'image_field'")
    if model.seed_field is None and model.prompt_field is None:
        raise InputError(
            f"{entry.where} lacks both 'seed_field' and 'prompt_field': its orders could not be found again"
        )
    if isinstance(model.length, FreeLength):
        raise InputError(f"{entry.where} lacks 'duration' or 'frames': how a length is asked for")
