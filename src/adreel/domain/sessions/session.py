"""Sessions and their parts: assets, jobs, costs, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from adreel.domain.sessions.details import ClipDetails, Details, FilmDetails, ImageDetails, narrowed
from adreel.domain.sessions.stage import Action, Stage

Json = Mapping[str, Any]
"""A JSON object: only str, int, float, bool, None, lists and objects of these."""


class AssetKind(StrEnum):
    IMAGE = "image"
    CLIP = "clip"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Asset:
    """A stored file of a session. `cost` in US dollars, `generation_time` in seconds.

    `request` is the digest of all inputs: the same request is never made, or bought, twice. `details` are of the type that
    belongs to the kind; `image_details`, `clip_details` and `film_details` return them with that type.
    """

    id: str
    session_id: str
    kind: AssetKind
    storage_key: str
    content_hash: str
    content_type: str
    size_bytes: int
    created_at: datetime
    request: str | None = None
    view_type: str | None = None
    source_image_id: str | None = None
    take: int = 0
    model: str | None = None
    cost: Decimal = Decimal(0)
    generation_time: float = 0.0
    details: Details = ImageDetails()  # noqa: RUF009 (frozen)

    @property
    def keys(self) -> tuple[str, ...]:
        """The storage keys of its files: its own, and those of a film's captions."""
        captions = self.details.captions if isinstance(self.details, FilmDetails) else ()
        return (self.storage_key, *(each.storage_key for each in captions))

    @property
    def image_details(self) -> ImageDetails:
        """Raises InternalError for an asset of another kind."""
        return narrowed(self.details, ImageDetails)

    @property
    def clip_details(self) -> ClipDetails:
        """Raises InternalError for an asset of another kind."""
        return narrowed(self.details, ClipDetails)

    @property
    def film_details(self) -> FilmDetails:
        """Raises InternalError for an asset of another kind."""
        return narrowed(self.details, FilmDetails)


@dataclass(frozen=True, slots=True)
class Job:
    """The running job of a session. `id` is the workflow's id; `order` holds all inputs of the job, as JSON."""

    id: str
    action: Action
    order: Json
    started_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One film project. `clip_order` lists approved clips in the order of the film.

    `return_stage` is the stage to return to when the job is cancelled or fails; `budget_cap` None means that only the
    account's cap applies. `total_cost` has been paid, `reserved` may still be. `text_overlay` (empty before) and `film_options`
    {"audio","intro_duration","outro_duration","transition","aspects"} are those of the last composition. `last_seq` is the number
    of the newest event. `brand_kit` is the name of the brand kit of its films, None for none.
    """

    id: str
    user_id: str
    stage: Stage
    return_stage: Stage | None
    product_prompt: str
    video_prompt: str
    seed: int
    approved_image_ids: tuple[str, ...]
    approved_clip_ids: tuple[str, ...]
    clip_order: tuple[str, ...]
    final_video_id: str | None
    text_overlay: Json
    total_cost: Decimal
    reserved: Decimal
    budget_cap: Decimal | None
    job: Job | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    film_options: Json | None = None
    last_seq: int = 0
    name: str = ""
    brand_kit: str | None = None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session with its assets, in the order of creation."""

    session: SessionRecord
    assets: tuple[Asset, ...]

    def of_kind(self, kind: AssetKind) -> tuple[Asset, ...]:
        """Returns images in the order of the request, and clips in that of their images or beats, whichever was ready first."""
        found = tuple(asset for asset in self.assets if asset.kind is kind)
        if kind is AssetKind.IMAGE:
            return _images_in_order(found)
        if kind is AssetKind.CLIP:
            places = {image.id: place for place, image in enumerate(self.of_kind(AssetKind.IMAGE))}
            # Stable: clips of one image or beat stay in order of creation.
            return tuple(sorted(found, key=lambda clip: _clip_place(clip, places)))
        return found


def _clip_place(clip: Asset, images: Mapping[str, int]) -> int:
    """The place of the beat that the clip was made for, else that of its image; `images` are the places of images."""
    place = clip.clip_details.place
    return images.get(clip.source_image_id or "", len(images)) if place is None else place


def _images_in_order(images: tuple[Asset, ...]) -> tuple[Asset, ...]:
    """Sorts images by creation, but those of one request by their index within it."""
    together: dict[tuple[str, str, int, int], int] = {}

    def place(number: int, image: Asset) -> tuple[int, int]:
        made = image.image_details.generated
        if made is None:
            return number, 0
        batch = (made.product, made.asked_model, made.count, made.batch)
        return together.setdefault(batch, number), made.index

    keys = {image.id: place(number, image) for number, image in enumerate(images)}
    return tuple(sorted(images, key=lambda image: keys[image.id]))


@dataclass(frozen=True, slots=True)
class CostLine:
    """The cost of one piece of work: `amount` in US dollars, `duration` in seconds."""

    agent: str
    model: str
    amount: Decimal
    duration: float
    success: bool
    error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One progress event of a session, as sent to subscribers. `seq` counts from 1 within a session without gaps."""

    session_id: str
    seq: int
    stage: Stage
    progress: float
    message: str
    current_cost: Decimal
    data: Json
    timestamp: datetime
