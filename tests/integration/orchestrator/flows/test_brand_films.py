"""Films with a brand kit, and with a logo and music that the user stored for one film."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adreel.domain.accounts.stored_brands import BrandSlot, FileKind, UserFile
from adreel.domain.brand import BrandKit
from adreel.domain.errors import InputError
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.store import file_digest
from adreel.media.yuv import i420_to_rgb
from adreel.orchestrator.film_brands import FilmBrands
from adreel.services.brands.files import NewFile, UserFiles
from adreel.services.brands.kits import BrandService
from adreel.services.sessions.records import NewAsset
from adreel.services.storage_service import LocalFiles
from support.flows import Hall
from support.pictures import texture

MAGENTA = (230, 0, 230)


@pytest.fixture
def brands(hall: Hall) -> FilmBrands:
    store = LocalFiles(hall.storage, hall.folder / "api" / "files")
    found = FilmBrands(BrandService(hall.database), UserFiles(hall.database), store)
    hall.brands = found
    hall.orchestrator = hall.with_jobs(hall.jobs)
    return found


def logo(color: tuple[int, int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", (120, 120), color).save(file, "PNG")
    return file.getvalue()


def tune() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(
            b"".join((9000 * (n // 10 % 2) - 4500).to_bytes(2, "little", signed=True) for n in range(16000))
        )
    return file.getvalue()


async def stored(hall: Hall, brands: FilmBrands, kind: FileKind, content: bytes, suffix: str) -> UserFile:
    path = hall.folder / f"upload{suffix}"
    path.write_bytes(content)
    digest = file_digest(path)
    key, kind_of = f"files/ann/{digest[:12]}{suffix}", {".png": "image/png", ".wav": "audio/wav"}[suffix]
    await hall.storage.take_file(path, kind_of, key)
    new = NewFile(digest[:12], kind, f"file{suffix}", key, digest, kind_of, len(content), "")
    return await brands.files.add("ann", new)


async def session_with_clip(hall: Hall) -> str:
    session = await hall.sessions.create("ann", seed=7)
    key = f"sessions/{session.id}/images/real.png"
    path = hall.folder / "storage" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(texture(320, 240, 3)).save(path, "PNG")
    image = NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", path.stat().st_size, view_type="front")
    (added,) = await hall.sessions.add_images("ann", session.id, [image])
    await hall.sessions.approve_images("ann", session.id, [added.id])
    await hall.make_clips(session.id)
    await hall.approve(session.id)
    return session.id


async def film(hall: Hall, session_id: str, overlay: dict[str, Any] | None = None, **options: Any) -> Asset:
    audio = options.pop("audio", {"enabled": False})
    started = await hall.orchestrator.compose_final_video("ann", session_id, overlay or {}, audio, **options)
    await hall.jobs.work(started.job_id)
    view = await hall.sessions.view(session_id)
    assert view.session.error is None, view.session.error
    return next(each for each in view.of_kind(AssetKind.FINAL) if each.id == view.session.final_video_id)


def logo_in(hall: Hall, made: Asset) -> int:
    """Pixels of the logo's colour in the film's last frame."""
    last = made.film_details.frames - 1
    frame = next(iter(decode_frames(hall.folder / "storage" / made.storage_key, last, last + 1)))
    rgb = i420_to_rgb(frame).astype(int)
    return int((np.abs(rgb - MAGENTA).max(axis=2) < 40).sum())


async def test_a_kit_gives_a_film_its_end_card_and_stays_the_sessions(hall: Hall, brands: FilmBrands) -> None:
    mark = await stored(hall, brands, FileKind.LOGO, logo(MAGENTA), ".png")
    kit = BrandKit("morgen", color="#204060", cta="Order yours", address="morgen.example")
    await brands.kits.add("ann", kit, {BrandSlot.LOGO_LIGHT: mark.id})
    session_id = await session_with_clip(hall)
    branded = await film(hall, session_id, brand_kit="morgen")
    assert logo_in(hall, branded) > 100
    options = branded.film_details.options
    assert options is not None
    # The words of the card take longer to read than the second that was asked for.
    assert (options.cta, options.color, options.outro_seconds > 1) == ("Order yours", "#204060", True)
    session = await hall.sessions.record(session_id)
    assert (session.brand_kit, (session.film_options or {})["outro_duration"]) == ("morgen", 1.0)
    # The kit is the session's: the same film is not made again, and "" leaves the brand out.
    assert (await film(hall, session_id)).id == branded.id
    plain = await film(hall, session_id, {"cta": "Order yours", "color": "#204060"}, brand_kit="")
    assert (plain.id != branded.id, logo_in(hall, plain)) == (True, 0)
    assert (await hall.sessions.record(session_id)).brand_kit is None


async def test_files_for_one_film(hall: Hall, brands: FilmBrands) -> None:
    mark = await stored(hall, brands, FileKind.LOGO, logo(MAGENTA), ".png")
    song = await stored(hall, brands, FileKind.MUSIC, tune(), ".wav")
    session_id = await session_with_clip(hall)
    overlay = {"cta": "Order yours", "color": "#204060"}
    chosen = {BrandSlot.LOGO_DARK: mark.id, BrandSlot.MUSIC: song.id}
    made = await film(hall, session_id, overlay, files=chosen, audio={"enabled": True})
    assert logo_in(hall, made) > 100
    silent = await film(hall, session_id, overlay, files={BrandSlot.LOGO_DARK: mark.id})
    assert silent.id != made.id

    with pytest.raises(InputError, match="give one of the two"):
        await film(hall, session_id, overlay, files=chosen, audio={"enabled": True, "genre": "chill"})
    with pytest.raises(InputError, match="there is no file"):
        await film(hall, session_id, overlay, files={BrandSlot.FONT: "gone"})
    with pytest.raises(InputError, match="there is no brand kit 'other'"):
        await film(hall, session_id, overlay, brand_kit="other")


async def test_a_file_that_was_deleted_is_named(hall: Hall, brands: FilmBrands) -> None:
    mark = await stored(hall, brands, FileKind.LOGO, logo(MAGENTA), ".png")
    session_id = await session_with_clip(hall)
    started = await hall.orchestrator.compose_final_video(
        "ann", session_id, {"cta": "Order"}, {"enabled": False}, files={BrandSlot.LOGO_LIGHT: mark.id}
    )
    await brands.files.remove("ann", mark.id)
    await hall.storage.delete(mark.storage_key)
    await hall.jobs.work(started.job_id)
    error = (await hall.sessions.view(session_id)).session.error or ""
    assert "the logo of this film was deleted" in error
