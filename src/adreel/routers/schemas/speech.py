"""Bodies of requests for spoken lines."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from adreel.domain.films.narration import FASTEST
from adreel.domain.scripts.ad_format.reading import LONGEST_FACT
from adreel.routers.schemas.brands import ChosenBrand, Said
from adreel.routers.schemas.common import Body, Id
from adreel.services.brands.checks import MOST_PRONUNCIATIONS


class SayRequest(Body):
    """`text` is a line in English. `brand_kit` is a kit whose pronunciations apply, by default that of the session `session_id`,
    if one is given; `pronunciations` have precedence over them. `speed` is how much faster than usual the line is spoken."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "Meet the Morgen Mug.", "pronunciations": {"Morgen": "more gun"}, "speed": 1.0}]
        }
    )

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_FACT)]
    session_id: Id | None = None
    brand_kit: ChosenBrand | None = None
    pronunciations: dict[Said, Said] = Field(default_factory=dict, max_length=MOST_PRONUNCIATIONS)
    speed: Annotated[float, Field(ge=1, le=FASTEST)] = 1.0
