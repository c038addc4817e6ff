"""Uploads of photos: inspected, stored under generated names, recorded all together or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.domain.errors import NotFoundError, PhotoError, StorageError
from adreel.domain.films.scene import FRAMINGS, ViewType
from adreel.domain.ids import MakeId, new_id
from adreel.domain.sessions.details import ImageDetails
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.photos.photo import PhotoInfo
from adreel.media.scratch import scratch_folder
from adreel.media.segments.store import file_digest
from adreel.services.receipts import Receipt, no_receipt
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
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
class UploadedFile:
    """One uploaded photo: a local copy, its original name, the SHA-256 of its content, its size in bytes."""

    path: Path
    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """Photos in the order of the upload, without duplicates. `view_types` has one for each photo, or is empty.

    `framings` requests an image for each framing of a single photo.
    """

    photos: tuple[UploadedFile, ...]
    view_types: tuple[ViewType, ...]
    framings: bool = False

    @property
    def digest(self) -> str:
        """Identifies the content of the whole upload, however the request was encoded."""
        parts = [
            *(f"{photo.digest} {photo.name}" for photo in self.photos),
            *self.view_types,
            *(["framings"] if self.framings else []),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@asynccontextmanager
async def copied(photos: Sequence[Path], work: Path | None) -> AsyncGenerator[Upload]:
    """Copies local photos into an upload below the folder `work`, for the length of the block. Raises PhotoError.

    Without a folder the copies lie in the system's temporary folder.
    """
    with scratch_folder(work, "photos-") as folder:
        yield await asyncio.to_thread(_copy_all, photos, folder)


def _copy_all(photos: Sequence[Path], folder: Path) -> Upload:
    files: dict[str, UploadedFile] = {}
    for index, photo in enumerate(photos):
        try:
            path = Path(shutil.copyfile(photo, folder / str(index)))
        except OSError as error:
            raise PhotoError(f"{photo} cannot be read: {error.strerror}") from error
        digest = file_digest(path)
        files.setdefault(digest, UploadedFile(path, photo.name, digest, path.stat().st_size))
    return Upload(tuple(files.values()), ())


class PhotoIntake:
    """Inspects photos, a few at a time, and adds them to sessions."""

    def __init__(
        self,
        sessions: SessionService,
        storage: StorageService,
        photos: PhotoService,
        make_id: MakeId = new_id,
        decoders: int = 2,
        processor: ProcessorShares | None = None,
    ) -> None:
        self._sessions = sessions
        self._storage = storage
        self._photos = photos
        self._make_id = make_id
        self._decoding = FairSemaphore(decoders, newcomers=decoders)
        self._processor = processor or ProcessorShares()

    async def add(
        self, user_id: str, session_id: str, upload: Upload, receipt: Receipt[tuple[Asset, ...]] = no_receipt
    ) -> tuple[Asset, ...]:
        """Adds the photos as images of the session, in their order; returns the existing image of a known photo.

        All or none: raises PhotoError, which names the first unusable photo, NotFoundError, StageError, StorageError, and
        LimitError beyond the account's number of images or bytes, before any photo is inspected.
        """
        if upload.framings:
            return await self.add_framings(user_id, session_id, upload, receipt)
        view = await self._sessions.get(user_id, session_id)
        images = view.of_kind(AssetKind.IMAGE)
        # Not by content: a generated image, or a framing, is another image even if its file is the same.
        known = {image.request or "" for image in images}
        unknown = [photo for photo in upload.photos if photo.digest not in known]
        await self._sessions.require_room(user_id, len(unknown), sum(photo.size for photo in unknown))
        inspected = await asyncio.gather(*[self._inspect(user_id, photo) for photo in unknown])
        infos = dict(zip(unknown, inspected, strict=True))
        new = [
            self._new_asset(session_id, photo, infos.get(photo), _framing(upload, index, len(images)))
            for index, photo in enumerate(upload.photos)
        ]
        return await self._stored(user_id, session_id, upload.photos, new, known, receipt)

    async def add_framings(
        self, user_id: str, session_id: str, upload: Upload, receipt: Receipt[tuple[Asset, ...]] = no_receipt
    ) -> tuple[Asset, ...]:
        """Adds an image for each framing of the upload's one photo; returns the existing image of a known framing.

        Raises as `add`.
        """
        (photo,) = upload.photos
        view = await self._sessions.get(user_id, session_id)
        known = {image.request or "" for image in view.of_kind(AssetKind.IMAGE)}
        images = sum(_framing_request(photo, framing) not in known for framing in FRAMINGS)
        await self._sessions.require_room(user_id, images, images * photo.size)
        info = await self._inspect(user_id, photo)
        copies = await asyncio.to_thread(_copies, photo)
        new = [
            replace(self._new_asset(session_id, copy, info, framing), request=_framing_request(photo, framing))
            for copy, framing in zip(copies, FRAMINGS, strict=True)
        ]
        return await self._stored(user_id, session_id, copies, new, known, receipt)

    async def _inspect(self, user_id: str, photo: UploadedFile) -> PhotoInfo:
        """Decodes the whole photo, so that a damaged one is rejected now, not when its clip is made."""
        try:
            async with self._decoding.place(user_id), self._processor.short_work(user_id):
                info = await self._photos.verify(photo.path)
        except PhotoError as error:
            raise PhotoError(str(error).replace(str(photo.path), photo.name)) from error
        return replace(info, note=info.note.replace(str(photo.path), photo.name))

    def _new_asset(self, session_id: str, photo: UploadedFile, info: PhotoInfo | None, view: ViewType) -> NewAsset:
        """`info` is None for a photo that the session has: its image is not replaced by this one."""
        kind = _TYPES[info.format] if info else "application/octet-stream"
        details = ImageDetails(info.width, info.height, photo.name, note=info.note) if info else ImageDetails()
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
            details=details,
        )

    async def _stored(
        self,
        user_id: str,
        session_id: str,
        photos: Sequence[UploadedFile],
        new: Sequence[NewAsset],
        known: set[str],
        receipt: Receipt[tuple[Asset, ...]],
    ) -> tuple[Asset, ...]:
        """Stores files before their rows, so that a row always has its file. Deletes files that no row names in the end."""
        stored: list[str] = []
        try:
            for photo, asset in zip(photos, new, strict=True):
                if asset.request not in known:
                    stored.append(asset.storage_key)
                    await self._storage.take_file(photo.path, asset.content_type, asset.storage_key)
            assets = await self._sessions.add_images(user_id, session_id, new, receipt)
        except BaseException:
            await self._discard(await self._unnamed(session_id, stored))
            raise
        named = {asset.storage_key for asset in assets}
        await self._discard([key for key in stored if key not in named])
        return assets

    async def _unnamed(self, session_id: str, stored: Sequence[str]) -> list[str]:
        """The files that no row names; none when the database cannot be read: the rows may have been committed, and an unused
        file is better than an image without one."""
        try:
            view = await self._sessions.view(session_id)
        except NotFoundError:
            return list(stored)
        except StorageError:
            return []
        named = {asset.storage_key for asset in view.assets}
        return [key for key in stored if key not in named]

    async def _discard(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._storage.delete(key)


def _copies(photo: UploadedFile) -> list[UploadedFile]:
    """Copies the photo for each framing: each is stored under its own name."""
    paths = [photo.path.with_name(f"{photo.path.name}-{framing}") for framing in FRAMINGS]
    return [replace(photo, path=Path(shutil.copyfile(photo.path, path))) for path in paths]


def _framing_request(photo: UploadedFile, framing: ViewType) -> str:
    return hashlib.sha256(f"{photo.digest} {framing}".encode()).hexdigest()


def _framing(upload: Upload, index: int, before: int) -> ViewType:
    return upload.view_types[index] if upload.view_types else FRAMINGS[(before + index) % len(FRAMINGS)]
