"""Bodies of previews and examples."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from adreel.media.cards.card import CardKind
from adreel.routers.schemas.common import Answer, Body
from adreel.routers.schemas.generation import Aspect, TextOverlayBody

EXAMPLE_PATTERN = r"^[a-z0-9-]{1,40}$"


class CardPreviewRequest(Body):
    """`width` of the image in pixels. `text_overlay` as for composing; the other card's text may be left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "intro",
                    "text_overlay": {"product_name": "Morgen", "color": "#E4572E"},
                    "aspect": "9:16",
                    "width": 480,
                }
            ]
        }
    )

    kind: CardKind
    text_overlay: TextOverlayBody
    aspect: Aspect = "16:9"
    width: Annotated[int, Field(ge=320, le=960)] = 640


class ExamplePhoto(Answer):
    """`url` is a thumbnail; sessions get the full photo."""

    name: str
    url: str


class Example(Answer):
    """An example product: `prompt` is for the clips, `product_name` and `cta` for the cards."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "mug",
                    "title": "Stoneware mug",
                    "prompt": "calm, warm morning light",
                    "product_name": "Morgen",
                    "cta": "Slow coffee, early light.",
                    "photos": [{"name": "mug-front", "url": "/api/examples/mug/mug-front"}],
                }
            ]
        }
    )

    name: str
    title: str
    prompt: str
    product_name: str
    cta: str
    photos: list[ExamplePhoto]


class UseExampleRequest(Body):
    """`name` is one of ``/api/examples``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "mug"}]})

    name: Annotated[str, Field(pattern=EXAMPLE_PATTERN)]
