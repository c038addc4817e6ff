"""Copies of sessions: the same photos, images and texts in a new session, to make another film of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from adreel.domain.errors import AdreelError, StageError
from adreel.domain.ids import MakeId, new_id
from adreel.domain.sessions.session import Asset, AssetKind, SessionRecord
from adreel.media.scratch import scratch_folder
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import StorageService


@dataclass(frozen=True, slots=True)
class SessionCopies:
    """Copies files, since each session has its own, which are deleted with it. `work` is a folder for temporary files."""

    sessions: SessionService
    storage: StorageService
    work: Path | None = None
    make_id: MakeId = new_id

    async def copy(self, user_id: str, session_id: str) -> SessionRecord:
        """A new session with the images, the choice, the texts, the script and the brand of this one. Its seed is the same
        too, so that clips that were bought there are not bought again.

        Raises NotFoundError, StageError for a session without images, LimitError, StorageError.
        """
        view = await self.sessions.get(user_id, session_id)
        images = view.of_kind(AssetKind.IMAGE)
        if not images:
            raise StageError("cannot copy: the session has no images yet", view.session.stage)
        old = view.session
        texts = (old.product_prompt, old.video_prompt)
        new = await self.sessions.create(user_id, *texts, old.seed, old.budget_cap, brand_kit=old.brand_kit)
        try:
            added = await self._added(user_id, new.id, images)
            await self._copy_script(user_id, session_id, new.id, added)
            chosen = [added[image] for image in old.approved_image_ids if image in added]
            return await self.sessions.approve_images(user_id, new.id, chosen) if chosen else new
        except AdreelError:
            # No half of a copy stays behind; its files go with it.
            await self.sessions.delete(user_id, new.id)
            raise

    async def _copy_script(self, user_id: str, old_id: str, new_id: str, added: Mapping[str, str]) -> None:
        """Copies the script with the new images; one that shows an image that was removed stays behind."""
        ad = await self.sessions.script(user_id, old_id)
        if ad is not None and all(photo in added for photo in ad.photos):
            moved = replace(ad, photos=tuple(added[photo] for photo in ad.photos))
            await self.sessions.set_script(user_id, new_id, moved)

    async def _added(self, user_id: str, session_id: str, images: Sequence[Asset]) -> dict[str, str]:
        """The ids of the copies by those of the images."""
        await self.sessions.require_room(user_id, len(images), sum(image.size_bytes for image in images))
        copies = [_copy(image, session_id, self.make_id()) for image in images]
        with scratch_folder(self.work, "copy-") as folder:
            for number, (image, copy) in enumerate(zip(images, copies, strict=True)):
                path = folder / str(number)
                await self.storage.download_file(self.storage.url(image.storage_key), path)
                await self.storage.take_file(path, copy.content_type, copy.storage_key)
        added = await self.sessions.add_images(user_id, session_id, copies)
        return {image.id: copy.id for image, copy in zip(images, added, strict=True)}


def _copy(image: Asset, session_id: str, copy_id: str) -> NewAsset:
    details = image.image_details
    bought = image.model is not None
    return NewAsset(
        kind=AssetKind.IMAGE,
        storage_key=f"sessions/{session_id}/images/{copy_id}{PurePosixPath(image.storage_key).suffix}",
        content_hash=image.content_hash,
        content_type=image.content_type,
        size_bytes=image.size_bytes,
        id=copy_id,
        request=image.request,
        view_type=image.view_type,
        model=image.model,
        details=replace(details, bought_as=details.bought_as or image.id) if bought else details,
    )
