"""What a film takes its colour from."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.session import Asset, AssetKind, SessionView


def look_image(view: SessionView, clips: Sequence[Asset]) -> Asset | None:
    """The image of the first clip that still has one: the film's colour comes from it."""
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    return next((images[clip.source_image_id] for clip in clips if clip.source_image_id in images), None)


def expected_look(view: SessionView) -> Asset | None:
    """The image that a film's colour would come from as things stand; before clips are approved, the image that is first."""
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    found = look_image(view, [clips[each] for each in view.session.clip_order if each in clips])
    approved = (images[each] for each in view.session.approved_image_ids if each in images)
    return found or next(approved, next(iter(images.values()), None))
