"""What a session's clips mean for the next ones: what need not be made again, and the choices with which the form begins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adreel.catalogue.models import VideoModel
from adreel.domain.errors import InputError
from adreel.domain.films.formats import to_seconds
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.orchestrator.script_jobs import ordered_frames
from adreel.orchestrator.session_scripts import SessionScript
from adreel.routers.schemas.common import format_amount

_LOCAL = "local"


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """Length in seconds, aspect and model of clips."""

    seconds: float
    aspect: str
    model: str


@dataclass(frozen=True, slots=True)
class ScriptClips:
    """The clips that a script asks for: one for each beat, `seconds` in all; `end` is the length of the end card. `prices`: what
    all of them cost by the name of the model, in US dollars; a model that cannot make one of them has none."""

    count: int
    seconds: float
    end: float
    prices: Mapping[str, str]


def script_clips(script: SessionScript | None, models: Iterable[VideoModel]) -> ScriptClips | None:
    """None without a script; for a script whose words do not fit the time no model has a price."""
    if script is None:
        return None
    frames = script.lengths.beats if script.lengths else ()
    prices = {model.name: price for model in models if frames and (price := _price_of_all(model, frames)) is not None}
    end = round(to_seconds(script.lengths.end), 1) if script.lengths else 0.0
    return ScriptClips(len(script.ad.beats), round(to_seconds(sum(frames)), 1), end, prices)


def _price_of_all(model: VideoModel, lengths: Iterable[int]) -> str | None:
    """None when the model cannot make one of the clips."""
    ordered = (frames if model.provider == _LOCAL else ordered_frames(model, frames) for frames in lengths)
    try:
        return format_amount(sum((model.price_of(to_seconds(frames)) for frames in ordered), Decimal(0)))
    except InputError:
        return None


def last_choice(view: SessionView) -> ClipChoice:
    """The choices of the newest clip; the defaults without clips."""
    clips = [asset for asset in view.assets if asset.kind is AssetKind.CLIP]
    if not clips:
        return ClipChoice(3.0, "16:9", "local")
    details = clips[-1].clip_details
    # A bought clip may be a little shorter than ordered.
    return ClipChoice(
        round(to_seconds(details.clip_frames) * 2) / 2, details.segment.size.aspect, clips[-1].model or ""
    )


def made_clips(view: SessionView) -> str:
    """JSON of the clips that the same order would not make again: image, model, aspect and frames of each."""
    clips = [clip for clip in view.of_kind(AssetKind.CLIP) if clip.take == 0]
    return json.dumps([_described(clip) for clip in clips])


def without_clip(view: SessionView) -> tuple[str, ...]:
    """The chosen images of which there is no clip, in their order; none while there are no clips at all."""
    made = {clip.source_image_id for clip in view.of_kind(AssetKind.CLIP)}
    return tuple(image for image in view.session.approved_image_ids if image not in made) if made else ()


def _described(clip: Asset) -> dict[str, object]:
    details = clip.clip_details
    return {
        "image": clip.source_image_id,
        "model": clip.model,
        "aspect": details.segment.size.aspect,
        "frames": details.clip_frames,
    }
