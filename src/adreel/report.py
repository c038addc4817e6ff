"""What is told about a finished film: as JSON for programs, as words for people."""

from __future__ import annotations

import json
from typing import Any

from adreel.domain.clip import Clip
from adreel.domain.formats import FPS, to_seconds
from adreel.domain.money import tidy
from adreel.maker import Delivery

_MEGABYTE = 1000**2


def as_json_text(delivery: Delivery) -> str:
    """One JSON object; `duration` in seconds, `cost` a decimal string in US dollars. `model` is null for clips made elsewhere.

    Films with bought clips have `cost_now` besides, what of the cost is of this run, and the `session_id` that keeps them.
    """
    film = delivery.film
    facts: dict[str, Any] = {
        "video": str(delivery.path.absolute()),
        "width": film.size.width,
        "height": film.size.height,
        "fps": FPS,
        "frames": film.frames,
        "duration": round(to_seconds(film.frames), 3),
        "size_bytes": film.size_bytes,
        "model": delivery.model,
        "clips": [_clip(clip) for clip in delivery.clips],
        "cost": str(tidy(delivery.cost)),
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in film.checks],
    }
    if delivery.session_id is not None:
        facts |= {"cost_now": str(tidy(delivery.cost_now)), "session_id": delivery.session_id}
    if delivery.failed:
        facts["failed"] = [str(error) for error in delivery.failed]
    return json.dumps(facts, ensure_ascii=False)


def _clip(clip: Clip) -> dict[str, Any]:
    """Clips made elsewhere have no scene: what adreel did not plan is null."""
    scene = clip.scene
    bought = {} if clip.model in (None, "local") else {"model": clip.model, "cost": str(tidy(clip.cost))}
    return {
        "id": clip.id,
        "view_type": scene.image_view.value if scene else None,
        "camera_movement": scene.camera_movement.value if scene else None,
        "motion_intensity": scene.motion_intensity if scene else None,
        "frames": clip.frames,
        **bought,
    }


def as_words(delivery: Delivery) -> str:
    """A few lines for a person."""
    film = delivery.film
    lines = [
        f"{delivery.path}",
        f"  {film.size.width}x{film.size.height}, {FPS} fps, {to_seconds(film.frames):.2f} s ({film.frames} frames)",
        f"  {film.size_bytes / _MEGABYTE:.1f} MB, cost ${tidy(delivery.cost)}{_bought_now(delivery)}",
        *(f"  {_clip_words(clip)}" for clip in delivery.clips),
        f"  {len(film.checks)} checks passed:",
        *(f"    {check.name}: {check.detail}" for check in film.checks),
    ]
    return "\n".join(lines)


def _bought_now(delivery: Delivery) -> str:
    """What of the cost is of this run, where anything was bought at any time."""
    if delivery.session_id is None or delivery.cost_now == delivery.cost:
        return ""
    return f" (${tidy(delivery.cost_now)} of it now)"


def _clip_words(clip: Clip) -> str:
    length = f"{to_seconds(clip.frames):.2f} s"
    if clip.scene is None:
        return f"{clip.id}: {length}, {clip.source.name if clip.source else ''}"
    move = clip.scene.camera_movement.value.replace("_", " ")
    return f"{clip.id}: {length}, {clip.scene.image_view.value}, {move}, intensity {clip.scene.motion_intensity:g}"
