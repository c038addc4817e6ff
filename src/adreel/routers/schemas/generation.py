"""Bodies of requests that start jobs and approve their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from adreel.domain.sessions.stage import Stage
from adreel.routers.schemas.brands import ChosenBrand, FilmFilesBody
from adreel.routers.schemas.common import MAX_IDS, Body, Id, ModelName, OfJob, OfSession, Prompt
from adreel.routers.schemas.film_options import group_body, request_body

LOCAL = "local"
"""The engine that needs no provider account."""

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_IDS: list[JsonValue] = ["9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b", "1a2b3c4d5e6f708192a3b4c5d6e7f809"]


def _unique(ids: list[str]) -> list[str]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not contain duplicates")
    return ids


Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=MAX_IDS, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_unique),
]
Order = Annotated[list[Id], Field(max_length=MAX_IDS, json_schema_extra={"uniqueItems": True}), AfterValidator(_unique)]
Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Seconds = Annotated[float, Field(ge=0.1, le=60)]


class GenerateImagesRequest(Body):
    """`product_prompt` defaults to the session's, `model` to the first usable image model.

    `aspect` is the aspect of the planned film.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"session_id": _SESSION, "product_prompt": "a stoneware coffee mug", "count": 4, "aspect": "9:16"}
            ]
        }
    )

    session_id: Id
    product_prompt: Prompt | None = None
    count: Annotated[int, Field(ge=1, le=8)] = 4
    model: ModelName | None = None
    aspect: Aspect = "16:9"


class SaveApprovedImagesRequest(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": _SESSION, "approved_image_ids": _IDS}]})

    session_id: Id
    approved_image_ids: Ids


class ImagesSaved(OfSession):
    """The session with its approved images."""

    stage: Stage
    approved_count: int


class GenerateClipsRequest(Body):
    """`clip_duration` in seconds. `video_prompt` defaults to the session's. `model` is a name from ``/api/models``.

    `ideas`: a language model plans the scenes, which costs; by default only for clips that cost themselves.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "session_id": _SESSION,
                    "video_prompt": "calm morning light",
                    "clip_duration": 3.0,
                    "model": "local",
                }
            ]
        }
    )

    session_id: Id
    video_prompt: Prompt | None = None
    clip_duration: Seconds = 3.0
    model: ModelName = LOCAL
    aspect: Aspect = "16:9"
    ideas: bool | None = None


class RegenerateClipRequest(Body):
    """An empty body: the new take has the same image, scene and length."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class SaveApprovedClipsRequest(Body):
    """`clip_order` lists the approved ids in playing order; if empty, the order of `approved_clip_ids`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"session_id": _SESSION, "approved_clip_ids": _IDS, "clip_order": _IDS[::-1]}]}
    )

    session_id: Id
    approved_clip_ids: Ids
    clip_order: Order = Field(default_factory=list[str])


class ClipsSaved(OfSession):
    """`estimated_final_duration` in seconds, with an intro and an outro of one second each and no crossfades."""

    stage: Stage
    approved_count: int
    estimated_final_duration: float


if TYPE_CHECKING:

    class TextOverlayBody(Body):
        """Texts and style of the title cards, from `FilmOptions`."""

    class FilmOptionsBody(Body):
        """All options of a film, from `FilmOptions`."""

else:
    TextOverlayBody = group_body("text_overlay")
    FilmOptionsBody = request_body("FilmOptionsBody")


class ComposeFinalVideoRequest(FilmFilesBody, FilmOptionsBody):
    """Lengths in seconds. One film is made for each of `aspects` and of `placements` (see `GET /api/placements`); the first is
    the session's final video. With `placements` and no `aspects`, films are made for the placements only.

    `brand_kit` gives the film what the body leaves open, and is the kit of the session's films from then on; by default it is the
    session's, "" is none. Files are ids of `POST /api/files`, for this film alone: a logo stands on the end card, a font and
    music take the place of a name.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "session_id": _SESSION,
                    "text_overlay": {"product_name": "Morgen", "cta": "Order yours", "color": "#E4572E"},
                    "audio": {"enabled": True, "genre": "upbeat"},
                    "intro_duration": 1.0,
                    "outro_duration": 1.0,
                    "transition": "crossfade",
                    "aspects": ["16:9", "9:16"],
                }
            ]
        }
    )

    session_id: Id
    aspects: Annotated[
        list[Aspect],
        Field(min_length=1, max_length=4, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_unique),
    ] = Field(default_factory=lambda: ["16:9"])
    placements: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]],
        Field(max_length=40, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_unique),
    ] = Field(default_factory=list)

    brand_kit: ChosenBrand | None = None

    @property
    def own_aspects(self) -> list[str]:
        """The aspects that are asked for beside the placements."""
        return [] if self.placements and "aspects" not in self.model_fields_set else list(self.aspects)


class Processing(OfJob):
    """A started job; `GET /api/jobs/{id}` and the WebSocket report its progress. `estimated_duration` in seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "processing",
                    "estimated_duration": 180,
                    "message": "making 4 clips",
                    "id": "1d2f4a6c7d9f2c4e8a1b4f6d9c3e5a7b",
                    "job_id": "1d2f4a6c7d9f2c4e8a1b4f6d9c3e5a7b",
                }
            ]
        }
    )

    status: Literal["processing"]
    estimated_duration: int
    message: str


class Cancelled(OfSession):
    """The job is cancelled and the session is at `stage`. Finished results are kept; nothing more is bought."""

    status: Literal["cancelled"]
    stage: Stage
