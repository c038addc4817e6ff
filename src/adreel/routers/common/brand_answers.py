"""Brand kits and users' files as response bodies."""

from __future__ import annotations

from adreel.domain.accounts.stored_brands import BrandSlot, StoredBrand, UserFile
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.schemas.brands import Brand, StoredFile
from adreel.services.brands.checks import TEXTS


def file_answer(file: UserFile, responses: ResponseBuilder) -> StoredFile:
    return StoredFile(
        id=file.id,
        kind=file.kind,
        name=file.name,
        family=file.family or None,
        content_type=file.content_type,
        size_bytes=file.size_bytes,
        url=responses.link(file.storage_key),
        created_at=file.created_at,
    )


def brand_answer(brand: StoredBrand, responses: ResponseBuilder) -> Brand:
    files = {
        slot.value: file_answer(file, responses) if (file := brand.files.get(slot)) else None for slot in BrandSlot
    }
    words = {name: getattr(brand.kit, name) for name in TEXTS}
    times = {"created_at": brand.created_at, "updated_at": brand.updated_at}
    return Brand.model_validate({"name": brand.kit.name, **words, "pronunciations": brand.kit.said, **files, **times})
