"""Asks a language model what to photograph of a product, and reads its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from adreel.domain.films.images import ImagePrompt
from adreel.domain.films.scene import ViewType
from adreel.providers.planning.json_text import RULE, Object, folded, json_values, objects_in
from adreel.providers.planning.scene_answer import view_named

_LONGEST_PROMPT = 900
_LONGEST_NAME = 60
_MOST_KEYWORDS = 10

SYSTEM = f"""You are the art director of product photography. From a customer's description you plan photographs of one product, \
made by a text-to-image model. They become shots of one ad: the product must be recognisably the same in all of them, so \
describe its shape, material and colours in the same words in every prompt.

{RULE}

In the user message, "product_description" is the customer's description and "count" is how many photographs are wanted. Answer \
with one JSON object and nothing else, with the keys
- category: the kind of product, one to three English words
- style_keywords: a list of 3 to 8 English words or short phrases for the look of all photographs
- image_prompts: a list of exactly "count" objects, each with
  - view_type: one of {", ".join(ViewType)}; begin with front, detail, angle, lifestyle, then vary
  - prompt: 30 to 80 English words: product, view, surroundings, light, lens
  - negative_prompt: what must not be seen, in a few words"""


def _line(value: object) -> object:
    return folded(value, _LONGEST_PROMPT) if isinstance(value, str) else value


def _name(value: object) -> object:
    return folded(value, _LONGEST_NAME) if isinstance(value, str) else value


def _names(value: object) -> object:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return value
    names = [folded(part, _LONGEST_NAME) for part in cast("list[object]", parts) if isinstance(part, str)]
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_KEYWORDS]


class PromptAnswer(BaseModel):
    """One picture as the model gives it."""

    view_type: Annotated[ViewType, BeforeValidator(view_named)]
    prompt: Annotated[str, BeforeValidator(_line), Field(min_length=1)]
    negative_prompt: Annotated[str, BeforeValidator(_line)] = ""


class _Frame(BaseModel):
    category: Annotated[str, BeforeValidator(_name), Field(min_length=1)]
    style_keywords: Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class ReadPrompts:
    """The parts of an answer that could be read; None and empty where they could not. `faults` name the missing parts."""

    category: str | None
    style_keywords: tuple[str, ...]
    prompts: tuple[ImagePrompt, ...]
    faults: tuple[str, ...]


def read_prompts(text: str, count: int) -> ReadPrompts:
    """The pictures in an answer, in any wrapping, at most `count`. Never raises: an answer without any has faults instead."""
    tables = [table for value in json_values(text) for table in objects_in(value)]
    frame = next((table for table in reversed(tables) if isinstance(table.get("image_prompts"), list)), None)
    if frame is None:
        return ReadPrompts(None, (), (), ('there is no JSON object with a list "image_prompts" in the answer',))
    prompts, faults = _pictures(cast("Sequence[object]", frame["image_prompts"]))
    if len(prompts) < count:
        faults.append(f"there are {len(prompts)} usable image_prompts instead of {count}")
    category, keywords = _frame(frame, faults)
    return ReadPrompts(category, keywords, tuple(prompts[:count]), tuple(faults))


def _pictures(entries: Sequence[object]) -> tuple[list[ImagePrompt], list[str]]:
    prompts: list[ImagePrompt] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            read = PromptAnswer.model_validate(entry)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            faults.append(f"image prompt {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        else:
            prompts.append(ImagePrompt(read.view_type, read.prompt, read.negative_prompt))
    return prompts, faults


def _frame(table: Object, faults: list[str]) -> tuple[str | None, tuple[str, ...]]:
    try:
        read = _Frame.model_validate(table)
    except ValidationError as error:
        faults.extend(f"{each['loc'][0]}: {each['msg']}" for each in error.errors(include_url=False))
        return None, ()
    return read.category, read.style_keywords
