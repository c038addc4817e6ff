"""Brand kits and files of sessions, for Python programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from adreel.studio.batches import BatchesApi

if TYPE_CHECKING:
    from adreel.domain.accounts.stored_brands import BrandSlot, FileKind, StoredBrand, UserFile
    from adreel.domain.brand import BrandKit


class BrandsApi(BatchesApi):
    """Kits and files that films of sessions are made with. Every method raises AdreelError."""

    async def add_file(self, kind: FileKind, path: Path) -> UserFile:
        """Stores a copy of a logo, a font, music, or a recording of a line, which is levelled, for brand kits and films of
        sessions; the same file again is the one that is there. Raises PhotoError, TextError, MusicError or RecordingError for one
        that cannot be used."""
        from adreel.services.brands.intake import FileIntake, ReceivedFile
        from adreel.services.sessions.uploads import copied

        intake = FileIntake(self._core.brands.files, self._core.storage)
        async with copied([path], self._work) as upload:
            return await intake.add(self._user, ReceivedFile(upload.photos[0].path, path.name, kind))

    async def save_brand_kit(self, kit: BrandKit, files: Mapping[BrandSlot, str] = MappingProxyType({})) -> StoredBrand:
        """Stores a kit for sessions, or replaces the one of its name; `files` are ids of stored files. Example:

        logo = await studio.add_file(FileKind.LOGO, Path("logo.png"))
        await studio.save_brand_kit(BrandKit("morgen", color="#1F6F78"), {BrandSlot.LOGO_LIGHT: logo.id})
        await studio.compose_final_video(session.id, brand_kit="morgen")
        """
        kits = self._core.brands.kits
        known = await kits.find(self._user, kit.name)
        return await (kits.add if known is None else kits.replace)(self._user, kit, files)

    async def brand_kits(self) -> tuple[StoredBrand, ...]:
        """Lists the kits for sessions, by name. `Studio.brands` are those of `MakeOrder`, in a folder."""
        return await self._core.brands.kits.list(self._user)

    async def delete_brand_kit(self, name: str) -> None:
        """Deletes a kit for sessions, and its files that no other kit uses. Raises NotFoundError."""
        await self._core.brands.kits.remove(self._user, name)
        await self._opened.deletions.soon()
