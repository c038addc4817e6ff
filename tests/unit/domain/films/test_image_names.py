from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adreel.domain.films.image_names import image_names, photo_names
from adreel.domain.films.scene import FRAMINGS, ApprovedImage
from adreel.domain.sessions.session import Asset, AssetKind

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def image(number: int, content: str, view: str | None = "front", model: str | None = None) -> Asset:
    return Asset(
        f"img_{number}", "s", AssetKind.IMAGE, "key", content, "image/jpeg", 1, NOW, view_type=view, model=model
    )


def test_photos_are_numbered_whatever_view_they_were_given() -> None:
    names = image_names([image(1, "a", "front"), image(2, "b", "detail"), image(3, "c", "angle")])
    assert list(names.values()) == ["Photo 1", "Photo 2", "Photo 3"]


def test_one_photo_in_four_framings_says_so() -> None:
    framings = ("front", "detail", "angle", "lifestyle")
    names = image_names([*(image(n, "a", view) for n, view in enumerate(framings)), image(9, "b", "front")])
    assert list(names.values()) == [
        "Photo 1, whole",
        "Photo 1, close-up",
        "Photo 1, from an angle",
        "Photo 1, wide",
        "Photo 2",
    ]


def test_a_generated_image_shows_the_view_that_was_ordered() -> None:
    assert image_names([image(1, "a", "detail", "flux"), image(2, "b")]) == {"img_1": "Detail", "img_2": "Photo 1"}


def test_files_are_named_like_uploaded_photos() -> None:
    framed = [ApprovedImage(f"image_{n}", Path("mug.jpg"), view) for n, view in enumerate(FRAMINGS)]
    assert list(photo_names(framed).values()) == [
        "Photo 1, whole",
        "Photo 1, close-up",
        "Photo 1, from an angle",
        "Photo 1, wide",
    ]
    several = [ApprovedImage(f"image_{n}", Path(f"{n}.jpg"), view) for n, view in enumerate(FRAMINGS[:2])]
    assert list(photo_names(several).values()) == ["Photo 1", "Photo 2"]
