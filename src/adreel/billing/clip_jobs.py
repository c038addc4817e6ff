"""Jobs of the clip and film flows: typed in code, stored as JSON. A job fixes everything that its work depends on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from adreel.domain.films.film_options import FilmOptions, read_json, to_json
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import Scene, ViewType, read_scene
from adreel.domain.sessions.session import Asset, Json


def digest_of(*parts: object) -> str:
    """Hexadecimal SHA-256 of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def asset_id(*parts: str) -> str:
    """The id of the asset that this work makes: the same at each repetition of the work."""
    return digest_of("asset", *parts)[:32]


def shot_seed(session_seed: int, content_hash: str, view_type: str, take: int) -> int:
    """The random seed of a clip, 0 to 2**31 - 1: the same for the same photo, another for each take."""
    return int(digest_of("seed", session_seed, content_hash, view_type, take)[:8], 16) % 2**31


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An approved image: its storage key and the hash of its content."""

    id: str
    key: str
    content_hash: str
    view_type: str

    @classmethod
    def of(cls, asset: Asset) -> ImageRef:
        return cls(asset.id, asset.storage_key, asset.content_hash, asset.view_type or ViewType.FRONT)


@dataclass(frozen=True, slots=True)
class ClipsJob:
    """Clips of a session's images, one take each. `scenes` are those of existing clips, or empty: then they are planned.

    `ideas`: a language model plans them, which costs; jobs of older versions always asked one.
    """

    job_id: str
    session_id: str
    user_id: str
    images: tuple[ImageRef, ...]
    prompt: str
    model: str
    frames: int
    size: FrameSize
    seed: int
    take: int = 0
    scenes: tuple[Scene, ...] = ()
    ideas: bool = True

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def read(cls, order: Json) -> ClipsJob:
        typed: dict[str, Any] = {
            "images": tuple(ImageRef(**image) for image in order["images"]),
            "scenes": tuple(read_scene(scene) for scene in order["scenes"]),
            "size": FrameSize(**order["size"]),
        }
        return cls(**{**order, **typed})

    def clip(self, index: int, scene: Scene, after: int) -> ClipJob:
        """The job for the clip of image `index`; the events of the job have numbers above `after`."""
        image = self.images[index]
        return ClipJob(
            job_id=self.job_id,
            session_id=self.session_id,
            user_id=self.user_id,
            index=index,
            count=len(self.images),
            image=image,
            scene=scene,
            model=self.model,
            frames=self.frames,
            size=self.size,
            seed=shot_seed(self.seed, image.content_hash, image.view_type, self.take),
            take=self.take,
            after=after,
        )


@dataclass(frozen=True, slots=True)
class ClipJob:
    """One clip, the `index`th of `count`.

    Found before the job started: `known` is the id of the asset, if the session has it; `again` means that the user has bought
    the same clip in another session.
    """

    job_id: str
    session_id: str
    user_id: str
    index: int
    count: int
    image: ImageRef
    scene: Scene
    model: str
    frames: int
    size: FrameSize
    seed: int
    take: int
    after: int
    known: str | None = None
    again: bool = False

    @property
    def request(self) -> str:
        """The digest of all inputs of the clip."""
        image = (self.image.id, self.image.content_hash)
        return digest_of(
            "clip", image, asdict(self.scene), self.model, self.frames, asdict(self.size), self.seed, self.take
        )

    @property
    def content(self) -> str:
        """As `request`, but the same in every session that has the same photo."""
        size = asdict(self.size)
        return digest_of(
            "clip", self.image.content_hash, asdict(self.scene), self.model, self.frames, size, self.seed, self.take
        )

    @property
    def source_image_id(self) -> str:
        return self.image.id

    @property
    def purchase(self) -> str:
        """The keys of its purchases begin with it. What it consists of is read nowhere."""
        return f"{self.session_id}:{self.image.id}-{self.request[:12]}:{self.take}"

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def read(cls, order: Json) -> ClipJob:
        typed: dict[str, Any] = {
            "image": ImageRef(**order["image"]),
            "scene": read_scene(order["scene"]),
            "size": FrameSize(**order["size"]),
        }
        return cls(**{**order, **typed})


@dataclass(frozen=True, slots=True)
class FilmJob:
    """A finished film in one or more aspects, from approved clips in their order.

    `options` apply to every aspect; `clips` are asset ids; `look_image` gives the colour of a film whose options name none.
    `placements` name the placement of each film, in the order of `aspects`; "" for a film for none, and empty for all.
    """

    job_id: str
    session_id: str
    user_id: str
    clips: tuple[str, ...]
    options: FilmOptions
    aspects: tuple[str, ...]
    prompt: str
    look_image: ImageRef | None
    placements: tuple[str, ...] = ()

    def placement(self, index: int) -> str:
        """The placement of the film in the `index`th aspect; "" for none."""
        return self.placements[index] if self.placements else ""

    def to_json(self) -> Json:
        """Without placements as older versions write it, whose workers may take the job."""
        order = {**asdict(self), "options": to_json(self.options)}
        return order if self.placements else {name: order[name] for name in order if name != "placements"}

    @classmethod
    def read(cls, order: Json) -> FilmJob:
        image = order["look_image"]
        typed: dict[str, Any] = {
            "options": read_json(order["options"], order["aspects"][0]),
            "clips": tuple(order["clips"]),
            "aspects": tuple(order["aspects"]),
            "look_image": ImageRef(**image) if image else None,
            "placements": tuple(order.get("placements", ())),
        }
        return cls(**{**order, **typed})
