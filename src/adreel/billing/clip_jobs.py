"""Jobs of the clip and film flows: typed in code, stored as JSON. A job fixes everything that its work depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from adreel.domain.ad import Ad, EndCard, ScreenText, read_words
from adreel.domain.films.film_files import NO_FILES, FileRef, FilmFiles
from adreel.domain.films.film_options import FilmOptions, read_json, to_json
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import CameraMovement, Scene, ViewType, read_scene
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.sessions.session import Asset, Json
from adreel.providers.planning.scene_rules import with_move


def digest_of(*parts: object) -> str:
    """Hexadecimal SHA-256 of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def asset_id(*parts: str) -> str:
    """The id of the asset that this work makes: the same at each repetition of the work."""
    return digest_of("asset", *parts)[:32]


def shot_seed(session_seed: int, content_hash: str, view_type: str, take: int, repeat: int = 0) -> int:
    """The random seed of a clip, 0 to 2**31 - 1: the same for the same photo, another for each take. `repeat` counts the beats
    of a script before it that show the same photo in the same framing: their clips differ too."""
    repeats = (repeat,) if repeat else ()
    return int(digest_of("seed", session_seed, content_hash, view_type, take, *repeats)[:8], 16) % 2**31


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
class ClipBeat:
    """The clip of a script's beat, the `place`th from 0: its length in frames, camera move and strength (None: as planned).

    `words` are drawn with the picture in a text style; a bought clip gets them when its film is made. `repeat`: see `shot_seed`.
    """

    name: str
    place: int
    frames: int
    camera: CameraMovement | None = None
    intensity: float | None = None
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""
    repeat: int = 0

    @classmethod
    def read(cls, stored: Json) -> ClipBeat:
        camera = stored["camera"]
        typed: dict[str, Any] = {
            "camera": None if camera is None else CameraMovement(camera),
            "words": read_words(stored["words"]),
        }
        return cls(**{**stored, **typed})


@dataclass(frozen=True, slots=True)
class ClipsJob:
    """Clips of a session's images, one take each. `scenes` are those of existing clips, or empty: then they are planned.

    With `beats` each image is that of a beat of a script, and `frames` is the length of the longest.

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
    beats: tuple[ClipBeat, ...] = ()

    def to_json(self) -> Json:
        return _without_empty(asdict(self), "beats")

    @classmethod
    def read(cls, order: Json) -> ClipsJob:
        typed: dict[str, Any] = {
            "beats": tuple(ClipBeat.read(beat) for beat in order.get("beats", ())),
            "images": tuple(ImageRef(**image) for image in order["images"]),
            "scenes": tuple(read_scene(scene) for scene in order["scenes"]),
            "size": FrameSize(**order["size"]),
        }
        return cls(**{**order, **typed})

    def clip(self, index: int, scene: Scene, after: int) -> ClipJob:
        """The job for the clip of image `index`; the events of the job have numbers above `after`."""
        image = self.images[index]
        beat = self.beats[index] if self.beats else ClipBeat("", index, self.frames)
        return ClipJob(
            job_id=self.job_id,
            session_id=self.session_id,
            user_id=self.user_id,
            index=index,
            count=len(self.images),
            image=image,
            scene=with_move(scene, beat.camera, beat.intensity),
            model=self.model,
            frames=beat.frames,
            size=self.size,
            seed=shot_seed(self.seed, image.content_hash, image.view_type, self.take, beat.repeat),
            take=self.take,
            after=after,
            beat=beat.name,
            place=beat.place if self.beats else None,
            words=beat.words,
            text_style=beat.text_style if beat.words else "",
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
    beat: str = ""
    place: int | None = None
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""

    @property
    def request(self) -> str:
        """The digest of all inputs of the clip. The name and place of its beat are not among them."""
        return self._digest((self.image.id, self.image.content_hash))

    @property
    def content(self) -> str:
        """As `request`, but the same in every session that has the same photo."""
        return self._digest(self.image.content_hash)

    def _digest(self, image: object) -> str:
        # A clip without words keeps the digest that it had before there were any.
        words = ([asdict(each) for each in self.words], self.text_style) if self.words else ()
        facts = (asdict(self.scene), self.model, self.frames, asdict(self.size), self.seed, self.take)
        return digest_of("clip", image, *facts, *words)

    @property
    def source_image_id(self) -> str:
        return self.image.id

    @property
    def purchase(self) -> str:
        """The keys of its purchases begin with it. What it consists of is read nowhere."""
        return f"{self.session_id}:{self.image.id}-{self.request[:12]}:{self.take}"

    def to_json(self) -> Json:
        return _without_empty(asdict(self), "beat", "place", "words", "text_style")

    @classmethod
    def read(cls, order: Json) -> ClipJob:
        typed: dict[str, Any] = {
            "words": read_words(order.get("words", ())),
            "image": ImageRef(**order["image"]),
            "scene": read_scene(order["scene"]),
            "size": FrameSize(**order["size"]),
        }
        return cls(**{**order, **typed})


@dataclass(frozen=True, slots=True)
class FilmJob:
    """A finished film in one or more aspects, from approved clips in their order.

    `options` apply to every aspect; `clips` are asset ids; `look_image` gives the colour of a film whose options name none.
    `script` gives the clips their words and lengths, and the film its end card, which shows `end_image`.
    `placements` name the placement of each film, in the order of `aspects`; "" for a film for none, and empty for all.
    `files` are a logo, a font and music that the user stored; `end` are the words of the end card of a film without a script.
    `pronunciations` are pairs of a word and how it is spoken; `recordings` are lines that a person spoke, by their beat.
    """

    job_id: str
    session_id: str
    user_id: str
    clips: tuple[str, ...]
    options: FilmOptions
    aspects: tuple[str, ...]
    prompt: str
    look_image: ImageRef | None
    script: Ad | None = None
    end_image: ImageRef | None = None
    placements: tuple[str, ...] = ()
    files: FilmFiles = NO_FILES
    end: EndCard | None = None
    pronunciations: tuple[tuple[str, str], ...] = ()
    recordings: Mapping[str, FileRef] = field(default_factory=dict[str, FileRef])

    def placement(self, index: int) -> str:
        """The placement of the film in the `index`th aspect; "" for none."""
        return self.placements[index] if self.placements else ""

    def to_json(self) -> Json:
        order = asdict(replace(self, script=None))
        script = None if self.script is None else to_document(self.script)
        whole = {**order, "options": to_json(self.options), "script": script, "files": self.files.to_json()}
        return _without_empty(
            whole, "script", "end_image", "placements", "files", "end", "pronunciations", "recordings"
        )

    @classmethod
    def read(cls, order: Json) -> FilmJob:
        image, end, script = order["look_image"], order.get("end_image"), order.get("script")
        typed: dict[str, Any] = {
            "options": read_json(order["options"], order["aspects"][0]),
            "clips": tuple(order["clips"]),
            "aspects": tuple(order["aspects"]),
            "look_image": ImageRef(**image) if image else None,
            "script": None if script is None else read_ad(script),
            "end_image": ImageRef(**end) if end else None,
            "placements": tuple(order.get("placements", ())),
            "files": FilmFiles.read(order.get("files", {})),
            "end": None if order.get("end") is None else EndCard(**order["end"]),
            "recordings": {name: FileRef(**ref) for name, ref in order.get("recordings", {}).items()},
            "pronunciations": tuple((word, said) for word, said in order.get("pronunciations", ())),
        }
        return cls(**{**order, **typed})


def _without_empty(order: dict[str, Any], *names: str) -> Json:
    """Leaves out what only jobs of scripts have, so that the version before reads the orders of all others."""
    return {name: value for name, value in order.items() if name not in names or value not in ("", None, (), {})}
