"""What a session's clips mean for the next ones: what need not be made again, and the choices with which the form begins."""

from __future__ import annotations

import json
from dataclasses import dataclass

from adreel.domain.films.formats import to_seconds
from adreel.domain.sessions.session import Asset, AssetKind, SessionView


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """Length in seconds, aspect and model of clips."""

    seconds: float
    aspect: str
    model: str


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
