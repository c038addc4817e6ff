"""Photos that come in: copied to files, looked at, stored under names of ours, recorded all at once or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from adreel.domain.errors import InputError, PhotoError
from adreel.domain.scene import ViewType
from adreel.domain.session import Asset, AssetKind
from adreel.media.photos import check_photo, load_photo
from adreel.routers.files import clean_name
from adreel.routers.options import AppOptions
from adreel.services.defaults import MakeId
from adreel.services.records import NewAsset
from adreel.services.session_service import SessionService
from adreel.services.storage.keys import suffix_of
from adreel.services.storage_service import StorageService

FRAMINGS = (ViewType.FRONT, ViewType.DETAIL, ViewType.ANGLE, ViewType.LIFESTYLE)
"""Views that photos are given in turn, so that no two neighbours are shown alike."""

_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
_FILES, _VIEWS = "files", "view_types"
_MAX_FIELDS = 60
_MAX_FIELD = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """One photo as it came: a file of ours, the name it had, the SHA-256 of its content."""

    path: Path
    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """Photos in the order in which they came, no two with the same content. `view_types` has one for each, or none at all."""

    photos: tuple[Sent, ...]
    view_types: tuple[ViewType, ...]

    @property
    def digest(self) -> str:
        """Stands for the whole upload: what was sent, not how it was packed."""
        parts = [*(f"{photo.digest} {photo.name}" for photo in self.photos), *self.view_types]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@asynccontextmanager
async def received(request: Request, options: AppOptions) -> AsyncGenerator[Upload]:
    """The upload in a request's form. Its files are gone after the block.

    Raises InputError for a form without photos or with view types that are none, HTTPException for what is no form or too large.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, f"send the photos as multipart/form-data, in fields named {_FILES}")
    folder = await asyncio.to_thread(tempfile.mkdtemp, None, "adreel-upload-", options.work_folder)
    try:
        async with request.form(max_files=options.max_files, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD) as form:
            yield await _read(form, Path(folder), options)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _read(form: FormData, folder: Path, options: AppOptions) -> Upload:
    unknown = sorted(set(form.keys()) - {_FILES, _VIEWS})
    if unknown:
        raise InputError(f"the form has fields that are not known here; send {_FILES} and {_VIEWS} only")
    files = form.getlist(_FILES)
    if not files:
        raise InputError(f"there are no photos in the form; send 1 to {options.max_files} in fields named {_FILES}")
    views = _views(form, len(files))
    photos = [await _take(file, folder / str(index), options.max_file) for index, file in enumerate(files)]
    first: dict[str, int] = {}
    for index, photo in enumerate(photos):
        first.setdefault(photo.digest, index)
    kept = sorted(first.values())
    return Upload(tuple(photos[index] for index in kept), tuple(views[index] for index in kept if views))


def _views(form: FormData, count: int) -> list[ViewType]:
    named = [part.strip() for value in form.getlist(_VIEWS) for part in str(value).split(",") if part.strip()]
    try:
        views = [ViewType(name) for name in named]
    except ValueError as error:
        raise InputError(f"a view type is not known; choose from {', '.join(ViewType)}") from error
    if views and len(views) != count:
        raise InputError(f"there are {count} photos, but {len(views)} view types; give one for each, or none")
    return views


async def _take(file: UploadFile | str, path: Path, limit: int) -> Sent:
    if isinstance(file, str):
        raise InputError(f"{_FILES} has text where a photo must be; send it as a file, with a file name")
    name = clean_name(file.filename or "") or "photo"
    if (file.size or 0) > limit:
        raise HTTPException(413, f"{name} has {file.size} bytes; photos of up to {limit} bytes are taken")
    digest, size = await asyncio.to_thread(_copy, file, path)
    return Sent(path, name, digest, size)


def _copy(file: UploadFile, path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while chunk := file.file.read(1024 * 1024):
            digest.update(chunk)
            size += target.write(chunk)
    return digest.hexdigest(), size


class PhotoIntake:
    """Looks at photos, a few at a time, and puts them into sessions."""

    def __init__(self, sessions: SessionService, storage: StorageService, make_id: MakeId, decoders: int) -> None:
        self._sessions = sessions
        self._storage = storage
        self._make_id = make_id
        self._decoding = asyncio.Semaphore(decoders)

    async def add(self, user_id: str, session_id: str, upload: Upload) -> tuple[Asset, ...]:
        """The photos as images of the session, in their order; one that is there already is that image.

        All or none: raises PhotoError that names the first that cannot be used, NotFoundError, StageError, StorageError.
        """
        view = await self._sessions.get(user_id, session_id)
        images = view.of_kind(AssetKind.IMAGE)
        known = {image.content_hash for image in images}
        fresh = [photo for photo in upload.photos if photo.digest not in known]
        typed = dict(zip(fresh, await asyncio.gather(*[self._look(photo) for photo in fresh]), strict=True))
        new = [
            self._described(session_id, photo, typed.get(photo), _framing(upload, index, len(images)))
            for index, photo in enumerate(upload.photos)
        ]
        return await self._stored(user_id, session_id, upload.photos, new, known)

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
                if photo.digest not in known:
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
