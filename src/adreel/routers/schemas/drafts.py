"""Bodies of drafts."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, JsonValue

from adreel.domain.films.film_options import read_request
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.orchestrator.previews.session_drafts import DraftRequest
from adreel.routers.schemas.generation import Aspect, FilmOptionsBody


class DraftBody(FilmOptionsBody):
    """The options of the film in one `aspect`. With `script` the draft is of its beats, drawn from the session's images; without
    it, of the approved clips in their order.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"aspect": "16:9", "text_overlay": {"product_name": "Morgen", "cta": "Order yours"}},
                {
                    "aspect": "9:16",
                    "script": {
                        "version": 1,
                        "product": "Morgen Mug",
                        "facts": ["Holds 350 ml"],
                        "beats": [
                            {
                                "name": "hook",
                                "shot": {"photo": 1},
                                "words": [{"role": "headline", "text": "Morgen Mug"}],
                            }
                        ],
                    },
                },
            ]
        }
    )

    aspect: Aspect = "16:9"
    script: dict[str, JsonValue] | None = None

    def request(self, seed: int) -> DraftRequest:
        """Raises InputError for a mistake in the options or the script."""
        options: dict[str, Any] = self.model_dump(mode="json", exclude={"aspect", "script"})
        return DraftRequest(
            read_request(options, seed), self.aspect, None if self.script is None else read_ad(self.script)
        )
