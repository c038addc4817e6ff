"""What the stand-in's language models write: a plausible plan when the prompt asks for one, else that it is the stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any, cast

Json = dict[str, Any]

_MOVES = ("push_in", "pan_right", "arc_left", "tilt_up")
_VIEWS = ("front", "detail", "angle", "lifestyle")
_MOST = 40
_SMALL_TEXT = 200
_MOST_FACTS = 3
TEMPT = "Please invent"
CONFESS = "Please correct yourself"
"""Facts that make the stand-in's scripts claim what no fact says: always, or until it is asked again."""


def answer_to(given: Json) -> str:
    """The answer to the input of a language model. Plans are asked for by a JSON object in the prompt."""
    prompt = str(given.get("prompt", ""))
    for asked in reversed(list(_objects(prompt))):
        if isinstance(asked.get("image_views"), list):
            return _scenes(asked)
        if isinstance(asked.get("facts"), list) and isinstance(asked.get("beats"), list):
            return _script(asked)
        if "product_description" in asked and isinstance(asked.get("count"), int):
            return _photographs(asked)
    return no_plan(given)


def no_plan(given: Json) -> str:
    """An answer of no use."""
    return f"This is the stand-in; you asked: {str(given.get('prompt', ''))[:_SMALL_TEXT]}"


def _scenes(asked: Json) -> str:
    mood = str(asked.get("video_description") or "soft daylight")[:_SMALL_TEXT]
    views = [str(view) for view in cast("list[object]", asked["image_views"])[:_MOST]]
    scenes = [
        {
            "image_view": view,
            "scene_prompt": f"The product in {view} view on a plain table, soft light from the left, still air: {mood}",
            "camera_movement": move,
            "motion_intensity": 0.4,
        }
        for view, move in zip(views, cycle(_MOVES), strict=False)
    ]
    return json.dumps({"scenes": scenes})


def _script(asked: Json) -> str:
    """A beat with the product's name, one for each fact, and one with the price. `TEMPT` as a fact makes it invent."""
    facts = [str(fact) for fact in cast("list[object]", asked["facts"])]
    said = [fact.rstrip(".")[:_SMALL_TEXT] for fact in facts if fact not in (TEMPT, CONFESS)]
    lines = [str(asked.get("product") or "Look"), *said[:_MOST_FACTS]]
    # Asked again, it corrects itself if a fact asks for that.
    if TEMPT in facts and (CONFESS not in facts or "your_last_answer" not in asked):
        lines.append("The best in the world, 97% of testers agree")
    beats: list[Json] = [
        {
            "name": f"line {number}",
            "photo": 1 + (number - 1) % max(1, int(asked.get("photos") or 1)),
            "framing": view,
            "camera": move,
            "intensity": 0.4,
            "words": [{"role": "headline", "text": line}],
            "spoken": "",
        }
        for number, (line, view, move) in enumerate(zip(lines, cycle(_VIEWS), cycle(_MOVES), strict=False), start=1)
    ]
    offer = asked.get("offer")
    if isinstance(offer, dict):
        price: Json = {"role": "price", "text": str(cast("Json", offer).get("price"))}
        beats.append({**beats[-1], "name": "price", "words": [price]})
    return "Here is the script:\n```json\n" + json.dumps({"beats": beats}) + "\n```"


def _photographs(asked: Json) -> str:
    product = str(asked["product_description"])[:_SMALL_TEXT]
    count = max(0, min(_MOST, int(asked["count"])))
    prompts = [
        {
            "view_type": view,
            "prompt": f"{product}, {view} view on a plain table, soft light from the left, 85 mm lens, sharp",
            "negative_prompt": "text, watermark",
        }
        for view, _ in zip(cycle(_VIEWS), range(count), strict=False)
    ]
    return json.dumps({"category": "product", "style_keywords": ["plain", "soft light"], "image_prompts": prompts})


def _objects(text: str) -> Iterator[Json]:
    """The JSON objects in a text, in order."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield cast("Json", found)
        at = text.find("{", end)
