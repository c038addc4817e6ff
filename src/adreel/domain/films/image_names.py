"""Names of images for people. What a photo shows is not known, so its name does not claim it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.sessions.session import Asset

_FRAMINGS = {
    ViewType.FRONT: "whole",
    ViewType.DETAIL: "close-up",
    ViewType.ANGLE: "from an angle",
    ViewType.LIFESTYLE: "wide",
}
"""Framings of one photo, as the camera shows it."""


@dataclass(frozen=True, slots=True)
class _Pictured:
    """An image: `content` is the same for the same photo, `view` the framing of a photo or the view that was ordered."""

    id: str
    content: str
    view: ViewType | None
    is_photo: bool


def image_names(images: Iterable[Asset]) -> Mapping[str, str]:
    """Names by image id: generated images by the view that was ordered, photos by number; one photo in several framings says so.

    >>> image_names(session.images)
    {"img_1": "Photo 1, whole", "img_2": "Photo 1, close-up", "img_3": "Photo 2"}
    """
    return _names(
        [
            _Pictured(
                image.id,
                image.content_hash,
                ViewType(image.view_type) if image.view_type else None,
                is_photo=image.model is None,
            )
            for image in images
        ]
    )


def photo_names(images: Iterable[ApprovedImage]) -> Mapping[str, str]:
    """As `image_names`, for photos in files: the same path is the same photo."""
    return _names([_Pictured(image.id, str(image.path), image.view_type, is_photo=True) for image in images])


def _names(images: Sequence[_Pictured]) -> Mapping[str, str]:
    photos = [image.content for image in images if image.is_photo]
    numbers = {content: number for number, content in enumerate(dict.fromkeys(photos), start=1)}
    framings = Counter(photos)
    return {image.id: _name(image, numbers, framings) for image in images}


def _name(image: _Pictured, numbers: Mapping[str, int], framings: Mapping[str, int]) -> str:
    if not image.is_photo:
        return (image.view or "image").capitalize()
    photo = f"Photo {numbers[image.content]}"
    if framings[image.content] == 1 or image.view is None:
        return photo
    return f"{photo}, {_FRAMINGS[image.view]}"
