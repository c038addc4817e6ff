"""Bodies of sessions, their files, costs and events."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field, JsonValue, computed_field

from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.sessions.stage import Stage
from adreel.routers.schemas.brands import ChosenBrand
from adreel.routers.schemas.common import DEPRECATED, Amount, Answer, Body, Cap, Name, OfJob, OfSession, Prompt, Time
from adreel.routers.schemas.film_options import answer_body, group_answer

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_IMAGE = "3b1c5d7e9f2a4b6c8d0e1f3a5b7c9d1e"
_CLIP = "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b"
_LINK = "?expires=1777890600&signature=3f1e…"
_IMAGES: list[JsonValue] = [
    {
        "id": _IMAGE,
        "name": "Photo 1",
        "note": "",
        "source": "upload",
        "url": f"/media/sessions/{_SESSION}/images/{_IMAGE}.jpg{_LINK}",
        "thumbnail_url": f"/media/sessions/{_SESSION}/thumbnails/{_IMAGE}.webp{_LINK}",
        "view_type": "front",
        "width": 3024,
        "height": 4032,
        "model": None,
        "cost": "0.00",
        "generation_time": 0.0,
    }
]
_CLIPS: list[JsonValue] = [
    {
        "id": _CLIP,
        "url": f"/media/sessions/{_SESSION}/clips/{_CLIP}.mp4{_LINK}",
        "poster_url": f"/media/sessions/{_SESSION}/thumbnails/{_CLIP}.webp{_LINK}",
        "source_image_id": _IMAGE,
        "view_type": "front",
        "duration": 3.0,
        "resolution": "1920x1080",
        "fps": 30.0,
        "cost": "0.80",
        "model": "stable-video-diffusion",
        "generation_time": 48.2,
        "take": 0,
        "scene_prompt": "front view, calm morning light",
        "camera_movement": "push_in",
        "motion_intensity": 0.5,
        "beat": None,
    }
]


class CreateSessionRequest(Body):
    """All fields are optional. `seed` makes the film reproducible; `budget_cap` in US dollars."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"product_prompt": "a stoneware coffee mug", "budget_cap": "10.00"}]}
    )

    product_prompt: Prompt = ""
    video_prompt: Prompt = ""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    budget_cap: Cap | None = None


class SessionCreated(OfSession):
    """A new, empty session."""

    stage: Stage
    created_at: Time


class ImageSource(StrEnum):
    """Where an image comes from: a photo of the user, or a model."""

    UPLOAD = "upload"
    GENERATED = "generated"


class Image(Answer):
    """A photo or generated image. Lengths in pixels. `thumbnail_url` is a small, upright version for lists.

    `name` is for people: a photo is numbered, since what it shows is not known. `note` names the missing part of a photo that was
    cut short, "" when nothing is.
    """

    id: str
    source: ImageSource
    name: str
    note: str
    url: str
    thumbnail_url: str
    view_type: ViewType | None
    width: int | None
    height: int | None
    model: str | None
    cost: Amount
    generation_time: float


class UploadedImage(Answer):
    """`note` as in the images of a session."""

    id: str
    url: str
    view_type: ViewType | None
    note: str


class Uploaded(Answer):
    """One entry for each distinct photo, in the order of the upload."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "images": [
                        {
                            "id": _IMAGE,
                            "url": f"/media/sessions/{_SESSION}/images/{_IMAGE}.jpg{_LINK}",
                            "view_type": "front",
                            "note": "",
                        }
                    ]
                }
            ]
        }
    )

    images: list[UploadedImage]


class GeneratedClip(Answer):
    """One take of one clip. `duration` and `generation_time` in seconds. `poster_url` is a thumbnail from its middle.

    `scene_prompt`, `camera_movement` and `motion_intensity` (0–1) are the planned scene; `take` counts from 0. `beat` names the
    beat of the script that it was made for, null without a script.
    """

    id: str
    url: str
    poster_url: str
    source_image_id: str | None
    view_type: ViewType | None
    duration: float
    resolution: str
    fps: float | None
    cost: Amount
    model: str | None
    generation_time: float
    take: int
    scene_prompt: str
    camera_movement: CameraMovement
    motion_intensity: float
    beat: str | None


if TYPE_CHECKING:

    class TextOverlayAnswer(Answer):
        """Texts and style of the title cards as requested."""

    class FilmOptions(Answer):
        """The requested options of a composition, other than the title cards."""

    class ComposedOptions(Answer):
        """The options of one film. The same options and clips give the same film, without new work."""

else:
    TextOverlayAnswer = group_answer("text_overlay")
    FilmOptions = answer_body("FilmOptions", ("audio",), aspects=(list[str], ...))
    ComposedOptions = answer_body("ComposedOptions", ("text_overlay", "audio"))


class FilmCheck(Answer):
    """One check of the finished film, with the measured values."""

    name: str
    detail: str


class CaptionFile(Answer):
    """Captions of a film as a file: `format` is srt (SubRip) or vtt (WebVTT). `download_url` offers it under a readable name."""

    format: str
    url: str
    download_url: str


class FinalVideo(Answer):
    """`duration` in seconds; `file_size_mb` in millions of bytes; `format` as ``mp4``. `checks` are the passed ones.

    `notes` are warnings, for example about a clip that was left out. `download_url` offers the file under a readable name;
    `options` are null for films of versions that did not store them. `placement` is the one for which the film was made.
    `passport_url` says how it was made and what to state about it, `passport_page_url` the same to print; null for drafts and
    films of older versions. `captions` are its caption files, if they were asked for.
    """

    id: str
    url: str
    download_url: str
    poster_url: str
    aspect: str
    placement: str | None = None
    frames: int
    duration: float
    resolution: str
    fps: float
    file_size_mb: float
    format: str
    checks: list[FilmCheck]
    notes: list[str]
    options: ComposedOptions | None
    created_at: Time
    passport_url: str | None = None
    passport_page_url: str | None = None
    captions: list[CaptionFile] = Field(default_factory=list)


class Work(OfJob):
    """The running job of a session."""

    action: str
    started_at: Time


class ChangeSessionRequest(Body):
    """`name` for people, such as on the list of films; empty for none. `brand_kit` is the kit of its films; empty for none. What
    is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Morning mug, spring", "brand_kit": "morgen"}]})

    name: Name | None = None
    brand_kit: ChosenBrand | None = None


class SessionAnswer(Answer):
    """A session with all its results.

    `films` are all films ever composed in the session, newest first; `final_video` is the one of the last composition in its
    first aspect. `text_overlay` and `film_options` are those of the last
    composition, null before the first. `estimated_final_duration` in seconds, once clips are approved:
    with an intro and an outro of one second each and no crossfades. `last_seq` is the newest event's number: `after` for the
    WebSocket. `brand_kit` is the kit of its films.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _SESSION,
                    "name": "Morning mug, spring",
                    "stage": "clip_selection",
                    "product_prompt": "a stoneware coffee mug",
                    "video_prompt": "calm morning light",
                    "images": _IMAGES,
                    "generated_images": _IMAGES,
                    "approved_image_ids": [_IMAGE],
                    "approved_images": [_IMAGE],
                    "clips": _CLIPS,
                    "generated_clips": _CLIPS,
                    "approved_clip_ids": [],
                    "approved_clips": [],
                    "clip_order": [],
                    "final_video": None,
                    "final_videos": {},
                    "films": [],
                    "text_overlay": None,
                    "film_options": None,
                    "estimated_final_duration": None,
                    "brand_kit": "morgen",
                    "last_seq": 14,
                    "total_cost": "0.80",
                    "budget_cap": None,
                    "work": None,
                    "error": None,
                    "created_at": "2026-05-04T09:30:00.125000Z",
                    "updated_at": "2026-05-04T09:34:10.500000Z",
                }
            ]
        }
    )

    id: str
    name: str
    stage: Stage
    product_prompt: str
    video_prompt: str
    images: list[Image]
    approved_image_ids: list[str]
    clips: list[GeneratedClip]
    approved_clip_ids: list[str]
    clip_order: list[str]
    final_video: FinalVideo | None
    final_videos: Annotated[
        dict[str, FinalVideo],
        Field(description="Deprecated: read `films`, which have their aspect", json_schema_extra=DEPRECATED),
    ]
    films: list[FinalVideo]
    text_overlay: TextOverlayAnswer | None
    film_options: FilmOptions | None
    estimated_final_duration: float | None
    brand_kit: str | None
    last_seq: int
    total_cost: Amount
    budget_cap: Amount | None
    work: Work | None
    error: str | None
    created_at: Time
    updated_at: Time

    @computed_field(description="Deprecated: read `images`", json_schema_extra=DEPRECATED)
    @property
    def generated_images(self) -> list[Image]:
        return self.images

    @computed_field(description="Deprecated: read `approved_image_ids`", json_schema_extra=DEPRECATED)
    @property
    def approved_images(self) -> list[str]:
        return self.approved_image_ids

    @computed_field(description="Deprecated: read `clips`", json_schema_extra=DEPRECATED)
    @property
    def generated_clips(self) -> list[GeneratedClip]:
        return self.clips

    @computed_field(description="Deprecated: read `approved_clip_ids`", json_schema_extra=DEPRECATED)
    @property
    def approved_clips(self) -> list[str]:
        return self.approved_clip_ids


class SessionSummaryAnswer(Answer):
    """`thumbnail_url` shows the first approved image, otherwise the first image."""

    id: str
    name: str
    stage: Stage
    product_prompt: str
    created_at: Time
    updated_at: Time
    total_cost: Amount
    thumbnail_url: str | None
    final_video_url: str | None


class SessionList(Answer):
    """Newest first. `next_cursor` requests the next page; null on the last."""

    sessions: list[SessionSummaryAnswer]
    next_cursor: str | None


class CostLineAnswer(Answer):
    """`duration` in seconds."""

    agent: str
    model: str
    cost: Amount
    duration: float


class Costs(Answer):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "session_id": _SESSION,
                    "total_cost": "0.80",
                    "breakdown": [
                        {
                            "agent": "video_generator",
                            "model": "stable-video-diffusion",
                            "cost": "0.80",
                            "duration": 48.2,
                        }
                    ],
                }
            ]
        }
    )

    session_id: str
    total_cost: Amount
    breakdown: list[CostLineAnswer]


class Ticket(Answer):
    """For ``/ws/{session_id}?token=<ticket>``. `expires_in` in seconds."""

    ticket: str
    expires_in: int
