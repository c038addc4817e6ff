"""Example products to try adreel with: shipped photos and matching texts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import adreel.assets
from adreel.domain.errors import NotFoundError
from adreel.domain.films.scene import ViewType
from adreel.media import thumbnails
from adreel.media.photos.photo import load_photo

_FOLDER = Path(adreel.assets.__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class ExamplePhoto:
    """`path` is a file of this installation."""

    name: str
    path: Path
    view_type: ViewType


@dataclass(frozen=True, slots=True)
class Example:
    """An example product: a prompt for its clips, and the texts of its cards."""

    name: str
    title: str
    prompt: str
    product_name: str
    cta: str
    photos: tuple[ExamplePhoto, ...]


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    tables = tomllib.loads((_FOLDER / "examples.toml").read_text(encoding="utf-8"))
    return tuple(_example(name, table) for name, table in tables.items())


def example(name: str) -> Example:
    """Raises NotFoundError."""
    found = next((each for each in examples() if each.name == name), None)
    if found is None:
        raise NotFoundError(f"there is no example {name!r}; there are {', '.join(each.name for each in examples())}")
    return found


@lru_cache(maxsize=64)
def small_picture(name: str, photo_name: str) -> bytes:
    """A photo of an example in WebP, small. Raises NotFoundError. Decodes the photo: not for the event loop."""
    photo = next((each for each in example(name).photos if each.name == photo_name), None)
    if photo is None:
        raise NotFoundError(f"the example {name} has no photo {photo_name!r}")
    return thumbnails.of_photo(load_photo(photo.path, thumbnails.SIDE))


def _example(name: str, table: dict[str, object]) -> Example:
    photos = table["photos"]
    if not isinstance(photos, list):
        raise TypeError(f"the photos of the example {name} are no list")
    return Example(
        name=name,
        title=str(table["title"]),
        prompt=str(table["prompt"]),
        product_name=str(table["product_name"]),
        cta=str(table["cta"]),
        photos=tuple(
            ExamplePhoto(photo["name"], _FOLDER / f"{photo['name']}.jpg", ViewType(photo["view"])) for photo in photos
        ),
    )
