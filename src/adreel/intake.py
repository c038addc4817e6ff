"""Photos that come in: looked at, stored under names of ours, recorded all at once or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.domain.errors import PhotoError
from adreel.domain.scene import FRAMINGS, ViewType
from adreel.domain.session import Asset, AssetKind
from adreel.media.photos import check_photo, load_photo
from adreel.media.segments import file_digest
from adreel.services.defaults import MakeId, new_id
from adreel.services.records import NewAsset
from adreel.services.session_service import SessionService
from adreel.services.storage.keys import suffix_of
from adreel.services.storage_service import StorageService

_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One photo as it came: a file of ours, the name it had, the SHA-256 of its content."""

    path: Path
    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """Photos in the order in which they came, no two with the same content. `view_types` has one for each, or none at all.

    `framings` asks for an image for each framing of a single photo.
    """

    photos: tuple[Sent, ...]
    view_types: tuple[ViewType, ...]
    framings: bool = False

    @property
    def digest(self) -> str:
        """Stands for the whole upload: what was sent, not how it was packed."""
        parts = [
            *(f"{photo.digest} {photo.name}" for photo in self.photos),
            *self.view_types,
            *(["framings"] if self.framings else []),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@asynccontextmanager
async def copied(photos: Sequence[Path], work: Path | None) -> AsyncGenerator[Upload]:
    """Photos of this machine as an upload: copies, below the folder `work`, that are gone after the block. Raises PhotoError.

    Without a folder they lie where the system keeps temporary files.
    """
    if work is not None:
        await asyncio.to_thread(work.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, prefix="photos-") as folder:
        yield await asyncio.to_thread(_copy_all, photos, Path(folder))


def _copy_all(photos: Sequence[Path], folder: Path) -> Upload:
    sent: dict[str, Sent] = {}
    for index, photo in enumerate(photos):
        try:
            path = Path(shutil.copyfile(photo, folder / str(index)))
        except OSError as error:
            raise PhotoError(f"{photo} cannot be read: {error.strerror}") from error
        digest = file_digest(path)
        sent.setdefault(digest, Sent(path, photo.name, digest, path.stat().st_size))
    return Upload(tuple(sent.values()), ())


class PhotoIntake:
    """Looks at photos, a few at a time, and puts them into sessions."""

    def __init__(
        self, sessions: SessionService, storage: StorageService, make_id: MakeId = new_id, decoders: int = 2
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._make_id = make_id
        self._decoding = asyncio.Semaphore(decoders)

    async def add(self, user_id: str, session_id: str, upload: Upload) -> tuple[Asset, ...]:
        """The photos as images of the session, in their order; one that is there already is that image.

        All or none: raises PhotoError that names the first that cannot be used, NotFoundError, StageError, StorageError.
        """
        if upload.framings:
            return await self.add_framings(user_id, session_id, upload)
        view = await self._sessions.get(user_id, session_id)
        images = view.of_kind(AssetKind.IMAGE)
        # Not by content: an image that was made, or is a framing, is another one even where its file is the same.
        known = {image.request or "" for image in images}
        fresh = [photo for photo in upload.photos if photo.digest not in known]
        typed = dict(zip(fresh, await asyncio.gather(*[self._look(photo) for photo in fresh]), strict=True))
        new = [
            self._described(session_id, photo, typed.get(photo), _framing(upload, index, len(images)))
            for index, photo in enumerate(upload.photos)
        ]
        return await self._stored(user_id, session_id, upload.photos, new, known)

    async def add_framings(self, user_id: str, session_id: str, upload: Upload) -> tuple[Asset, ...]:
        """The upload's one photo as an image for each framing of it; those that are there already are these images.

        Raises as `add`.
        """
        (photo,) = upload.photos
        view = await self._sessions.get(user_id, session_id)
        known = {image.request or "" for image in view.of_kind(AssetKind.IMAGE)}
        typed = await self._look(photo)
        copies = await asyncio.to_thread(_copies, photo)
        new = [
            replace(self._described(session_id, copy, typed, framing), request=_framing_request(photo, framing))
            for copy, framing in zip(copies, FRAMINGS, strict=True)
        ]
        return await self._stored(user_id, session_id, copies, new, known)

    async def _look(self, photo: Sent) -> tuple[str, int, int]:
        """Type, width, height."""
        async with self._decoding:
            return await asyncio.to_thread(_look, photo)

    def _described(self, session_id: str, photo: Sent, typed: tuple[str, int, int] | None, view: ViewType) -> NewAsset:
        kind, width, height = typed or ("application/octet-stream", 0, 0)
        new_id = self._make_id()
        return NewAsset(
            kind=AssetKind.IMAGE,
            storage_key=f"sessions/{session_id}/images/{new_id}{suffix_of(kind)}",
            content_hash=photo.digest,
            content_type=kind,
            size_bytes=photo.size,
            id=new_id,
            request=photo.digest,
            view_type=view,
            details={"width": width, "height": height, "file_name": photo.name},
        )

    async def _stored(
        self, user_id: str, session_id: str, photos: Sequence[Sent], new: Sequence[NewAsset], known: set[str]
    ) -> tuple[Asset, ...]:
        """Files first, rows after: a row always has its file. What no row names in the end is taken away again."""
        stored: list[str] = []
        try:
            for photo, asset in zip(photos, new, strict=True):
                if asset.request not in known:
                    stored.append(asset.storage_key)
                    await self._storage.take_file(photo.path, asset.content_type, asset.storage_key)
            assets = await self._sessions.add_images(user_id, session_id, new)
        except BaseException:
            await self._discard(stored)
            raise
        named = {asset.storage_key for asset in assets}
        await self._discard([key for key in stored if key not in named])
        return assets

    async def _discard(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._storage.delete(key)


def _copies(photo: Sent) -> list[Sent]:
    """A file for each framing: each is stored under a name of its own."""
    paths = [photo.path.with_name(f"{photo.path.name}-{framing}") for framing in FRAMINGS]
    return [replace(photo, path=Path(shutil.copyfile(photo.path, path))) for path in paths]


def _framing_request(photo: Sent, framing: ViewType) -> str:
    return hashlib.sha256(f"{photo.digest} {framing}".encode()).hexdigest()


def _framing(upload: Upload, index: int, before: int) -> ViewType:
    return upload.view_types[index] if upload.view_types else FRAMINGS[(before + index) % len(FRAMINGS)]


def _look(photo: Sent) -> tuple[str, int, int]:
    """Decodes the photo to its end: one that is damaged further in is refused now, not when its clip is made."""
    try:
        info = check_photo(photo.path)
        load_photo(photo.path)
    except PhotoError as error:
        raise PhotoError(str(error).replace(str(photo.path), photo.name)) from error
    return _TYPES[info.format], info.width, info.height
