"""What a prediction makes, from its order alone: asked for twice, or after a restart, it is the same file."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from adreel.testing.replicate import render, speech
from adreel.testing.replicate.models import ModelCard
from adreel.testing.replicate.predictions import Prediction

Json = dict[str, Any]

_IMAGE_FIELDS = ("input_image", "image", "start_image", "first_frame_image", "image_input")
_FRAMES = {"14_frames_with_svd": 14, "25_frames_with_svd_xt": 25}
_BLACK = (0, 0, 0)
_USUAL_RATE = 24
_USUAL_SECONDS = 5
_USUAL_SHAPE = "16:9"
_MEDIA_TYPES = {
    "mp4": "video/mp4",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "pcm": "application/octet-stream",
}


ODDITIES = ("black", "frozen", "tiny", "short", "square")
"""Faults of films that are sound as files. Of speech "black" is silence, and "short" its first tenth."""


@dataclass(frozen=True, slots=True)
class Look:
    """Properties of an output, from the input of its order. `error` is set when its image cannot be opened."""

    colours: list[list[int]]
    size: list[int]
    error: str | None = None


def look_of(given: Json, find_file: Callable[[str], bytes | None], card: ModelCard) -> Look:
    """The colours and size of what an input asks for. `find_file` gives the content of an uploaded file by its address."""
    below = render.seed_colour(_seed(given))
    shape = card.shape(given)
    size = list(_aspect_size(shape or _USUAL_SHAPE))
    source = _source(given)
    if source is None:
        return Look([list(below), list(below)], size)
    try:
        content = _content(source, find_file)
        if content is None:
            return Look([list(render.text_colour(source)), list(below)], size)
        above, image_size = render.image_colour(content)
    except (OSError, ValueError) as error:
        return Look([list(below), list(below)], size, f"cannot open the image: {error}")
    return Look([list(above), list(below)], size if shape else list(image_size))


def names_of(prediction: Prediction) -> list[str]:
    """The names of its files."""
    kind = str(prediction.input.get("output_format", "png"))
    match prediction.makes:
        case "video":
            return ["output.mp4"]
        case "speech":
            return [f"output.{prediction.input.get('audio_format', 'mp3')}"]
        case "images":
            return [f"out-{index}.{kind}" for index in range(prediction.input.get("num_outputs", 1))]
        case _:
            return [f"output.{kind}"]


def output_of(prediction: Prediction, base: str) -> object:
    """The prediction's `output` field, once it has succeeded. `base` is the output host's address."""
    if prediction.makes == "text":
        return pieces(prediction.text)
    addresses = [f"{base}/outputs/{prediction.id}/{name}" for name in names_of(prediction)]
    if "data_uri" in prediction.marks:
        addresses = [_data_uri(prediction, name) for name in names_of(prediction)]
    return addresses if prediction.makes == "images" else addresses[0]


def pieces(text: str) -> list[str]:
    """A text as a language model gives it: word by word."""
    return re.findall(r"\s*\S+|\s+$", text)


def media_type(name: str) -> str:
    return _MEDIA_TYPES[name.rpartition(".")[2]]


def content_of(prediction: Prediction, card: ModelCard, name: str, oddity: str | None = None) -> bytes:
    """One of its files. `oddity` is a fault of the film, one of ODDITIES."""
    if prediction.makes == "speech":
        line = speech.line_of(prediction.input)
        return speech.spoken(line, name.rpartition(".")[2], is_silent=oddity == "black", is_short=oddity == "short")
    top, bottom = (cast("render.Colour", tuple(colour)) for colour in prediction.colours)
    width, height = prediction.size
    if prediction.makes == "video":
        frames, rate = _length(prediction.input, card)
        size = {"tiny": (48, 48), "square": (256, 256)}.get(oddity or "", render.fitted(width, height))
        top, bottom = (_BLACK, _BLACK) if oddity == "black" else (top, bottom)
        moves = oddity not in ("black", "frozen")
        return render.film(top, bottom, size, 3 if oddity == "short" else frames, rate, moves=moves)
    if prediction.makes == "images":
        bottom = render.seed_colour((prediction.seed or 0) + int(name[4]))
    return render.picture(top, bottom, (width, height), name.rpartition(".")[2])


def _length(given: Json, card: ModelCard) -> tuple[int, int]:
    """Frames, and frames per second."""
    rate = int(card.value(given, "frames_per_second") or _USUAL_RATE)
    named = card.value(given, "video_length")
    if named is not None:
        return _FRAMES[named], rate
    counted = card.value(given, "num_frames")
    if counted is not None:
        return int(counted), rate
    return int(card.value(given, "duration") or _USUAL_SECONDS) * rate, rate


def _source(given: Json) -> str | None:
    for field in _IMAGE_FIELDS:
        value = given.get(field)
        if isinstance(value, list) and value:
            value = cast("list[object]", value)[0]
        if isinstance(value, str):
            return value
    return None


def _content(source: str, find_file: Callable[[str], bytes | None]) -> bytes | None:
    if source.startswith("data:"):
        return base64.b64decode(source.partition(",")[2], validate=True)
    return find_file(source)


def _data_uri(prediction: Prediction, name: str) -> str:
    card = ModelCard(prediction.model, prediction.makes, prediction.version, False, {}, False, {})
    encoded = base64.b64encode(content_of(prediction, card, name)).decode()
    return f"data:{media_type(name)};base64,{encoded}"


def _seed(given: Json) -> int | None:
    seed = given.get("seed")
    return seed if isinstance(seed, int) else None


def _aspect_size(aspect: str) -> tuple[int, int]:
    width, _, height = aspect.partition(":")
    across, down = int(width), int(height)
    scale = 1024 / max(across, down)
    return round(across * scale / 2) * 2, round(down * scale / 2) * 2
