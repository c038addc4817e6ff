"""Sessions as clients see them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from adreel.domain.film import Transition
from adreel.domain.scene import CameraMovement, ViewType
from adreel.domain.stage import Stage
from adreel.routers.schemas.common import Amount, Answer, Body, Cap, Prompt, Time

_SESSION = "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c"
_IMAGE = "3b1c5d7e9f2a4b6c8d0e1f3a5b7c9d1e"
_CLIP = "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b"
_LINK = "?expires=1777890600&signature=3f1e…"


class CreateSession(Body):
    """Everything may be left out. `seed` makes the film repeatable; `budget_cap` is in US dollars."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"product_prompt": "a stoneware coffee mug", "budget_cap": "10.00"}]}
    )

    product_prompt: Prompt = ""
    video_prompt: Prompt = ""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    budget_cap: Cap | None = None


class SessionCreated(Answer):
    session_id: str
    stage: Stage
    created_at: Time


class Image(Answer):
    """A photo or generated image. Lengths in pixels. `thumbnail_url` is a small picture of it, upright, for lists."""

    id: str
    url: str
    thumbnail_url: str
    view_type: ViewType | None
    width: int | None
    height: int | None
    model: str | None
    cost: Amount
    generation_time: float


class UploadedImage(Answer):
    id: str
    url: str
    view_type: ViewType | None


class Uploaded(Answer):
    """One entry for each different photo, in the order in which they were sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "images": [
                        {
                            "id": _IMAGE,
                            "url": f"/media/sessions/{_SESSION}/images/{_IMAGE}.jpg{_LINK}",
                            "view_type": "front",
                        }
                    ]
                }
            ]
        }
    )

    images: list[UploadedImage]


class GeneratedClip(Answer):
    """One take of one clip. `duration` and `generation_time` in seconds. `poster_url` is a small picture from its middle.

    `scene_prompt`, `camera_movement` and `motion_intensity` (0–1) are the scene that was planned; `take` counts from 0.
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


class TextOverlayAnswer(Answer):
    """Words and look of the cards as they were asked for; null is what was left out, or left to adreel."""

    product_name: str | None
    cta: str | None
    font: str | None
    color: str | None


class AudioAnswer(Answer):
    """Background music as it was asked for; with `genre` null one that suits the prompt."""

    enabled: bool
    genre: str | None


class FilmOptions(Answer):
    """What a composition was asked for beside the words, as ``/api/compose-final-video`` takes it."""

    audio: AudioAnswer
    intro_duration: float
    outro_duration: float
    transition: Transition
    aspects: list[str]


class ComposedOptions(Answer):
    """What one film was composed with. The same again, with the same clips, is the same film: it costs no work."""

    text_overlay: TextOverlayAnswer
    audio: AudioAnswer
    intro_duration: float
    outro_duration: float
    transition: Transition


class FilmCheck(Answer):
    """One thing that was checked on the finished film, in words, with the figures that were measured."""

    name: str
    detail: str


class FinalVideo(Answer):
    """`duration` in seconds; `file_size_mb` in millions of bytes; `format` as ``mp4``. `checks` are those it has passed.

    `download_url` keeps the file under a name of its own; `options` are null for films of versions that did not keep them.
    """

    id: str
    url: str
    download_url: str
    poster_url: str
    aspect: str
    frames: int
    duration: float
    resolution: str
    fps: float
    file_size_mb: float
    format: str
    checks: list[FilmCheck]
    options: ComposedOptions | None
    created_at: Time


class Work(Answer):
    """What is under way in a session."""

    job_id: str
    action: str
    started_at: Time


class SessionAnswer(Answer):
    """A session with everything in it. `approved_*` are ids; `final_videos` has every aspect, by its name (``9:16``).

    `films` are all that were ever composed here, newest first. `text_overlay` and `film_options` are those of the last
    composition, null before. `estimated_final_duration` in seconds, once clips are approved: with an intro and an outro of one
    second each and no crossfades. `last_seq` is the newest event's number: ``after`` for the WebSocket.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _SESSION,
                    "stage": "clip_selection",
                    "product_prompt": "a stoneware coffee mug",
                    "video_prompt": "calm morning light",
                    "generated_images": [
                        {
                            "id": _IMAGE,
                            "url": f"/media/sessions/{_SESSION}/images/{_IMAGE}.jpg{_LINK}",
                            "thumbnail_url": f"/media/sessions/{_SESSION}/thumbnails/{_IMAGE}.webp{_LINK}",
                            "view_type": "front",
                            "width": 3024,
                            "height": 4032,
                            "model": None,
                            "cost": "0.00",
                            "generation_time": 0.0,
                        }
                    ],
                    "approved_images": [_IMAGE],
                    "generated_clips": [
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
                        }
                    ],
                    "approved_clips": [],
                    "clip_order": [],
                    "final_video": None,
                    "final_videos": {},
                    "films": [],
                    "text_overlay": None,
                    "film_options": None,
                    "estimated_final_duration": None,
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
    stage: Stage
    product_prompt: str
    video_prompt: str
    generated_images: list[Image]
    approved_images: list[str]
    generated_clips: list[GeneratedClip]
    approved_clips: list[str]
    clip_order: list[str]
    final_video: FinalVideo | None
    final_videos: dict[str, FinalVideo]
    films: list[FinalVideo]
    text_overlay: TextOverlayAnswer | None
    film_options: FilmOptions | None
    estimated_final_duration: float | None
    last_seq: int
    total_cost: Amount
    budget_cap: Amount | None
    work: Work | None
    error: str | None
    created_at: Time
    updated_at: Time


class SessionSummaryAnswer(Answer):
    """`thumbnail_url` is a small picture of the first approved image, else of the first."""

    id: str
    stage: Stage
    product_prompt: str
    created_at: Time
    updated_at: Time
    total_cost: Amount
    thumbnail_url: str | None
    final_video_url: str | None


class SessionList(Answer):
    """Newest first. `next_cursor` asks for the next page; null on the last."""

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


class EventAnswer(Answer):
    """What the WebSocket sends. `progress` is 0 to 100; `seq` counts from 1 within the session."""

    session_id: str
    stage: Stage
    progress: float
    message: str
    current_cost: Amount
    data: dict[str, Any]
    timestamp: Time
    seq: int
