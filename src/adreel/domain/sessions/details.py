"""Details of an asset beyond its file: one type for each kind, each with one reader and one writer of its JSON.

The names in JSON never change, so that every version reads the rows of every other. A key that an older version did not write
is read as the field's default, a key of a newer version is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from adreel.domain.ad import ScreenText, read_words
from adreel.domain.errors import InternalError, StorageError
from adreel.domain.films.film import CheckResult
from adreel.domain.films.film_options import FilmOptions, read_request, to_request
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import Scene, read_scene

Json = Mapping[str, Any]

CONTENT = "content"
"""The key under which a query finds the digest of a bought file's inputs; see `GeneratedImage` and `ClipDetails`."""

_BOUGHT_AS = "bought_as"


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """How an image was generated, the `index`th of `count`. `batch` numbers batches of the same request.

    `asked_model` is the model that the user chose; `content` is the digest of all inputs.
    """

    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    product: str = ""
    count: int = 0
    asked_model: str = ""
    batch: int = 0
    aspect: str = "16:9"
    content: str | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """A photo or a generated image: width and height in pixels, None when unknown. `generated` is None for a photo.

    `note`: the missing part of a usable photo in words, "" for a whole one. `bought_as` is the id of the asset of
    another session that this one is a copy of.
    """

    width: int | None = None
    height: int | None = None
    file_name: str = ""
    generated: GeneratedImage | None = None
    note: str = ""
    bought_as: str | None = None

    @classmethod
    def read(cls, stored: Json) -> ImageDetails:
        """Reads the JSON of `to_json`."""
        is_generated = "batch" in stored
        generated = GeneratedImage(**_known(GeneratedImage, stored)) if is_generated else None
        given = {name: stored[name] for name in ("width", "height", "file_name", "note", _BOUGHT_AS) if name in stored}
        return cls(**given, generated=generated)

    def to_json(self) -> dict[str, Any]:
        size = {"width": self.width, "height": self.height, "file_name": self.file_name}
        generated = {} if self.generated is None else asdict(self.generated)
        note = {"note": self.note} if self.note else {}
        return {**size, **generated, **note, **_copied(self.bought_as)}


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment in storage. `video` and `sound` are storage keys, `content_hash` and `bytes` those of the stored video.

    `words` are those of `shown_words.to_plain`, None where they are not known. The other fields are those of
    `domain.clip.Segment`.
    """

    key: str
    frames: int
    width: int
    height: int
    digest: str
    video: str
    sound: str | None = None
    content_hash: str = ""
    bytes: int = 0
    black: int = 0
    frozen: int = 0
    words: Sequence[Json] | None = None

    @property
    def size(self) -> FrameSize:
        return FrameSize(self.width, self.height)


@dataclass(frozen=True, slots=True)
class ClipDetails:
    """A clip: `duration` (seconds), `resolution` (as 1920x1080), `fps` and `frames` of the stored file, of which `segment` holds
    `clip_frames` at 30 per second.

    `content` is the digest of all inputs, the same in every session that has the same photo. `bought_as` as in `ImageDetails`.
    A clip of a script was made for the beat of this name, the `place`th from 0; the segment of a drawn one has `words` in a text
    style.
    """

    duration: float
    resolution: str
    fps: float | None
    frames: int
    scene: Scene
    clip_frames: int
    segment: StoredSegment
    seed: int = 0
    content: str | None = None
    bought_as: str | None = None
    beat: str = ""
    place: int | None = None
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""

    @classmethod
    def read(cls, stored: Json) -> ClipDetails:
        """Reads the JSON of `to_json`. Raises StorageError when a key is missing that every version has written."""
        try:
            typed: dict[str, Any] = {
                "scene": read_scene(stored["scene"]),
                "segment": StoredSegment(**_known(StoredSegment, stored["segment"])),
                "words": read_words(stored.get("words", ())),
            }
            return cls(**{**_known(cls, stored), **typed})
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged("clip", error) from error

    def to_json(self) -> dict[str, Any]:
        stored = asdict(self)
        del stored[_BOUGHT_AS]
        if self.segment.words is None:
            # As versions wrote it that did not know where words stand.
            del stored["segment"]["words"]
        scripted = {name: stored.pop(name) for name in _SCRIPTED}
        given = {name: value for name, value in scripted.items() if value not in ("", None, ())}
        return {**stored, **given, **_copied(self.bought_as)}


_SCRIPTED = ("beat", "place", "words", "text_style")
"""Fields of `ClipDetails` that only the clips of a script have."""


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A caption file of a film: `suffix` such as ".srt" replaces the film's in its name; `storage_key` is where it is stored."""

    suffix: str
    storage_key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FilmDetails:
    """A finished film: `duration` in seconds, `resolution` as 1920x1080, `clips` as asset ids in their order.

    `options` are those of the request: the aspect and the seed are not among them. `notes` are warnings about its clips.
    `placement` is the one for which the film was made, "" for none. `passport` is its passport without a receipt; None for a
    draft and in films of older versions. `captions` are its caption files.
    """

    duration: float
    resolution: str
    fps: float
    frames: int
    format: str = "mp4"
    aspect: str = "16:9"
    checks: tuple[CheckResult, ...] = ()
    clips: tuple[str, ...] | None = None
    options: FilmOptions | None = None
    notes: tuple[str, ...] = ()
    placement: str = ""
    passport: Json | None = None
    captions: tuple[CaptionFile, ...] = ()

    @classmethod
    def read(cls, stored: Json) -> FilmDetails:
        """Reads the JSON of `to_json`. Raises StorageError when a key is missing that every version has written, InputError for
        an option of a newer version."""
        options, clips = stored.get("options"), stored.get("clips")
        try:
            typed: dict[str, Any] = {
                "checks": tuple(CheckResult(**_known(CheckResult, check)) for check in stored.get("checks", ())),
                "clips": None if clips is None else tuple(clips),
                "notes": tuple(stored.get("notes", ())),
                "captions": tuple(CaptionFile(**_known(CaptionFile, each)) for each in stored.get("captions", ())),
                "options": None if options is None else read_request(options),
            }
            return cls(**{**_known(cls, stored), **typed})
        except TypeError as error:
            raise _damaged("film", error) from error

    def to_json(self) -> dict[str, Any]:
        options = None if self.options is None else to_request(self.options)
        stored = {**asdict(self), "options": options}
        for name in ("notes", "placement", "passport", "captions"):
            if not stored[name]:
                del stored[name]
        return stored


Details = ImageDetails | ClipDetails | FilmDetails
T = TypeVar("T", bound=Details)


_KINDS: Mapping[str, type[ImageDetails] | type[ClipDetails] | type[FilmDetails]] = {
    "image": ImageDetails,
    "clip": ClipDetails,
    "final": FilmDetails,
}


def read_details(kind: str, stored: Json) -> Details:
    """Reads the details of an asset of a kind (an AssetKind). Raises StorageError and InputError, see the types."""
    return _KINDS[kind].read(stored)


def check_details(kind: str, details: Details) -> None:
    """Raises InternalError when the details are not of the type that belongs to the kind."""
    narrowed(details, _KINDS[kind])


def narrowed(details: Details, kind: type[T]) -> T:
    """`details` as those of one kind. Raises InternalError for those of another."""
    if not isinstance(details, kind):
        raise InternalError(f"the details of an asset are {type(details).__name__}, not {kind.__name__}")
    return details


def _known(kind: type[Any], stored: Json) -> dict[str, Any]:
    """The keys of `stored` that the dataclass `kind` has."""
    return {each.name: stored[each.name] for each in fields(kind) if each.name in stored}


def _copied(bought_as: str | None) -> dict[str, str]:
    return {} if bought_as is None else {_BOUGHT_AS: bought_as}


def _damaged(what: str, error: Exception) -> StorageError:
    return StorageError(
        f"the record of a {what} is damaged ({error}); restore the database from a backup", retryable=False
    )
