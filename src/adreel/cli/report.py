"""Formats the result of a finished film: as JSON for programs, as text for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adreel.agents.compositor import FilmMade
from adreel.agents.film_orders import Delivery
from adreel.domain.costs.money import format_amount
from adreel.domain.films.clip import Clip
from adreel.domain.films.formats import FPS, to_seconds
from adreel.placements.checking import judgement_json

_MEGABYTE = 1000**2


def as_json_text(delivery: Delivery) -> str:
    """One JSON object; `duration` in seconds, `cost` a decimal string in US dollars. `model` is null for the user's own clips.

    Films with bought clips or lines also have `cost_now`, the part of the cost that this run caused; those with clips the
    `session_id` that owns them.
    """
    film = delivery.film
    facts: dict[str, Any] = {
        "video": str(delivery.path.absolute()),
        "width": film.size.width,
        "height": film.size.height,
        "fps": FPS if film.fitted is None else round(film.rate, 3),
        "frames": film.frames,
        "duration": round(film.frames / film.rate, 3),
        "size_bytes": film.size_bytes,
        "model": delivery.model,
        "clips": [_clip(clip, delivery.names) for clip in delivery.clips],
        "cost": format_amount(delivery.cost),
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in film.checks],
    }
    if film.is_draft:
        facts["draft"] = True
    facts |= _purchases(delivery)
    if film.fitted is not None:
        facts["placement"] = {**judgement_json(film.fitted.judgement), "done": list(film.fitted.done)}
    if delivery.captions:
        facts["captions"] = [str(path.absolute()) for path in delivery.captions]
    if delivery.passport:
        facts["passport"] = [str(path.absolute()) for path in delivery.passport]
    if delivery.notes:
        facts["notes"] = list(delivery.notes)
    if delivery.failed:
        facts["failed"] = [str(error) for error in delivery.failed]
    return json.dumps(facts, ensure_ascii=False)


def _purchases(delivery: Delivery) -> dict[str, Any]:
    """Facts about what was bought, where anything was."""
    if delivery.session_id is not None:
        return {"cost_now": format_amount(delivery.cost_now), "session_id": delivery.session_id}
    return {"cost_now": format_amount(delivery.cost_now)} if delivery.cost else {}


def _clip(clip: Clip, names: Mapping[str, str]) -> dict[str, Any]:
    """The user's own clips have no image and no planned scene: these fields are null."""
    scene = clip.scene
    bought = {} if clip.model in (None, "local") else {"model": clip.model, "cost": format_amount(clip.cost)}
    return {
        "id": clip.id,
        "image": names.get(clip.source_image_id or ""),
        "view_type": scene.image_view.value if scene else None,
        "camera_movement": scene.camera_movement.value if scene else None,
        "motion_intensity": scene.motion_intensity if scene else None,
        "frames": clip.frames,
        **bought,
    }


def as_words(delivery: Delivery) -> str:
    """The result as lines of text."""
    film = delivery.film
    lines = [
        f"{delivery.path}{' (a draft)' if film.is_draft else ''}",
        f"  {film.size.width}x{film.size.height}, {film.rate:.4g} fps, {film.frames / film.rate:.2f} s ({film.frames} frames)",
        f"  {film.size_bytes / _MEGABYTE:.1f} MB, cost ${format_amount(delivery.cost)}{_bought_now(delivery)}",
        *(f"  {_clip_words(clip, delivery.names)}" for clip in delivery.clips),
        f"  {len(film.checks)} checks passed:",
        *(f"    {check.name}: {check.detail}" for check in film.checks),
        *_placement_words(film),
        *(f"  captions: {path}" for path in delivery.captions),
        *(f"  passport: {path}" for path in delivery.passport),
    ]
    return "\n".join(lines)


def _placement_words(film: FilmMade) -> list[str]:
    """How the film fits the placement for which it was made."""
    if film.fitted is None:
        return []
    judgement = film.fitted.judgement
    passed = sum(not verdict.failed for verdict in judgement.verdicts)
    done = f" ({', '.join(film.fitted.done)})" if film.fitted.done else ""
    return [f"  {judgement.placement.name}: {passed} of {len(judgement.verdicts)} rules kept{done}"]


def _bought_now(delivery: Delivery) -> str:
    """The part of the cost that this run caused, if it differs from the total."""
    if not delivery.cost or delivery.cost_now == delivery.cost:
        return ""
    return f" (${format_amount(delivery.cost_now)} of it now)"


def _clip_words(clip: Clip, names: Mapping[str, str]) -> str:
    length = f"{to_seconds(clip.frames):.2f} s"
    if clip.scene is None:
        return f"{clip.id}: {length}, {clip.source.name if clip.source else ''}"
    move = clip.scene.camera_movement.value.replace("_", " ")
    image = names.get(clip.source_image_id or "", clip.source_image_id)
    return f"{clip.id}: {length}, {image}, {move}, intensity {clip.scene.motion_intensity:g}"
