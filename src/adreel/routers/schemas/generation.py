"""Bodies of the requests that make things."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from adreel.domain.film import Transition
from adreel.domain.stage import Stage
from adreel.routers.schemas.common import MAX_IDS, Answer, Body, ColorText, Id, ModelName, Name, Prompt

LOCAL = "local"
"""The engine that needs no account."""

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_IDS: list[JsonValue] = ["9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b", "1a2b3c4d5e6f708192a3b4c5d6e7f809"]


def _different(ids: list[str]) -> list[str]:
    if len(set(ids)) != len(ids):
        raise ValueError("must not name anything twice")
    return ids


Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=MAX_IDS, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_different),
]
Order = Annotated[
    list[Id], Field(max_length=MAX_IDS, json_schema_extra={"uniqueItems": True}), AfterValidator(_different)
]
Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Seconds = Annotated[float, Field(ge=0.1, le=60)]
CardSeconds = Annotated[float, Field(ge=0, le=10)]


class GenerateImages(Body):
    """Without `product_prompt` the session's own is used, without `model` the first image model that can be used."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"session_id": _SESSION, "product_prompt": "a stoneware coffee mug", "count": 4}]
        }
    )

    session_id: Id
    product_prompt: Prompt | None = None
    count: Annotated[int, Field(ge=1, le=8)] = 4
    model: ModelName | None = None


class SaveApprovedImages(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"session_id": _SESSION, "approved_image_ids": _IDS}]})

    session_id: Id
    approved_image_ids: Ids


class ImagesSaved(Answer):
    session_id: str
    stage: Stage
    approved_count: int


class GenerateClips(Body):
    """`clip_duration` in seconds. Without `video_prompt` the session's own is used. `model` is a name of ``/api/models``."""

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


class RegenerateClip(Body):
    """Nothing need be said: the new take has the same image, scene and length."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class SaveApprovedClips(Body):
    """`clip_order` has the approved ids in the order in which they are to be seen; empty: as they are given."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"session_id": _SESSION, "approved_clip_ids": _IDS, "clip_order": _IDS[::-1]}]}
    )

    session_id: Id
    approved_clip_ids: Ids
    clip_order: Order = Field(default_factory=list[str])


class ClipsSaved(Answer):
    """`estimated_final_duration` in seconds, with an intro and an outro of one second each and no crossfades."""

    session_id: str
    stage: Stage
    approved_count: int
    estimated_final_duration: float


class TextOverlayBody(Body):
    """Words of the intro and outro card; a card without words is left out. `font` is a family's name."""

    product_name: Name | None = None
    cta: Name | None = None
    font: Name | None = None
    color: ColorText | None = None


class AudioBody(Body):
    """Background music. Without `genre` one that suits the prompt."""

    enabled: bool = True
    genre: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")] | None = None


class ComposeFinalVideo(Body):
    """Lengths in seconds. One film is made for each of `aspects`; the first is the session's final video."""

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
    text_overlay: TextOverlayBody = Field(default_factory=TextOverlayBody)
    audio: AudioBody = Field(default_factory=AudioBody)
    intro_duration: CardSeconds = 1.0
    outro_duration: CardSeconds = 1.0
    transition: Transition = Transition.CUT
    aspects: Annotated[
        list[Aspect],
        Field(min_length=1, max_length=4, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_different),
    ] = Field(default_factory=lambda: ["16:9"])


class Processing(Answer):
    """Work has begun; the WebSocket tells how it goes. `estimated_duration` in seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "processing",
                    "estimated_duration": 180,
                    "message": "making 4 clips",
                    "job_id": "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c-clips-1",
                }
            ]
        }
    )

    status: Literal["processing"]
    estimated_duration: int
    message: str
    job_id: str


class Cancelled(Answer):
    """The session is free again, at `stage`. What is finished stays; nothing more is bought."""

    status: Literal["cancelled"]
    session_id: str
    stage: Stage
