"""The order of a session's images on the page."""

from __future__ import annotations

from adreel.routers.schemas.sessions import Image, SessionAnswer


def chosen_first(session: SessionAnswer) -> list[Image]:
    """The images in the order of the film: chosen ones first, then the others in theirs."""
    places = {image_id: place for place, image_id in enumerate(session.approved_images)}
    return sorted(session.generated_images, key=lambda image: places.get(image.id, len(places)))
