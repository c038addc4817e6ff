"""Sessions and what belongs to them, as they are kept and handed around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from adreel.domain.stage import Action, Stage

Json = Mapping[str, Any]
"""A JSON object: only str, int, float, bool, None, lists and objects of these."""


class AssetKind(StrEnum):
    IMAGE = "image"
    CLIP = "clip"
    SEGMENT = "segment"
    AUDIO = "audio"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Asset:
    """A stored file of a session. `cost` in US dollars, `generation_time` in seconds.

    `request` is the digest of everything that it was made from: the same request is never made, or bought, twice.
    `details` by kind: image {"width","height","file_name"}; clip {"duration","resolution","fps","frames","scene",
    "clip_frames","segment"}; final {"duration","resolution","fps","frames","format","aspect","checks","clips","options"}, where
    `options` is what was asked for {"text_overlay","audio","intro_duration","outro_duration","transition"} and `clips` are ids.
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
    details: Json = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Job:
    """Work under way in a session. `id` is the workflow's id; `order` is all that the work needs to know, as JSON."""

    id: str
    action: Action
    order: Json
    started_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One film in the making. `clip_order` lists approved clips in the order in which they are seen.

    `return_stage` is where the session goes when its job is cancelled or fails; `budget_cap` None means that only the
    account's cap holds. `total_cost` has been paid, `reserved` may still be. `text_overlay` (empty before) and `film_options`
    {"audio","intro_duration","outro_duration","transition","aspects"} are those of the last composition. `last_seq` is the number
    of the newest event.
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


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session with everything in it, assets in the order in which they came."""

    session: SessionRecord
    assets: tuple[Asset, ...]

    def of_kind(self, kind: AssetKind) -> tuple[Asset, ...]:
        """Images in the order in which they were asked for, and clips in that of their images, whichever was ready first."""
        found = tuple(asset for asset in self.assets if asset.kind is kind)
        if kind is AssetKind.IMAGE:
            return _images_in_order(found)
        if kind is AssetKind.CLIP:
            places = {image.id: place for place, image in enumerate(self.of_kind(AssetKind.IMAGE))}
            # Stable: of one image, what came first.
            return tuple(sorted(found, key=lambda clip: places.get(clip.source_image_id or "", len(places))))
        return found


def _images_in_order(images: tuple[Asset, ...]) -> tuple[Asset, ...]:
    """As they came, but those that were made together by their index within what was asked for."""
    together: dict[object, int] = {}

    def place(number: int, image: Asset) -> tuple[int, int]:
        facts = image.details
        batch = tuple(facts.get(name) for name in ("product", "asked_model", "count", "batch"))
        group = image.id if facts.get("batch") is None else batch
        return together.setdefault(group, number), int(facts.get("index", 0))

    keys = {image.id: place(number, image) for number, image in enumerate(images)}
    return tuple(sorted(images, key=lambda image: keys[image.id]))


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one piece of work cost: `amount` in US dollars, `duration` in seconds."""

    agent: str
    model: str
    amount: Decimal
    duration: float
    success: bool
    error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One numbered step of progress, as it is sent to listeners. `seq` counts from 1 within a session without gaps."""

    session_id: str
    seq: int
    stage: Stage
    progress: float
    message: str
    current_cost: Decimal
    data: Json
    timestamp: datetime
