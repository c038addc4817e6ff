from __future__ import annotations

import asyncio
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adreel.domain.films.formats import FrameSize
from adreel.domain.sessions.details import FilmDetails
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.media import thumbnails
from adreel.media.photos.photo import Photo
from adreel.media.segments.encoder import SegmentEncoder
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.thumbnails import ThumbnailService
from adreel.services.storage_service import StorageService
from support.api import Api, Backend, clip_of, opened_api, photo, with_services
from support.sessions import DETAILS
from support.yuv import rgb_to_i420

SIZE = FrameSize(320, 180)


def video(path: Path) -> bytes:
    frame = rgb_to_i420(np.full((SIZE.height, SIZE.width, 3), (30, 160, 60), np.uint8))
    with SegmentEncoder(path, SIZE, 6) as encoder:
        for _ in range(6):
            encoder.write(frame)
    return path.read_bytes()


async def green(api: Api, url: str) -> bool:
    answer = await api.http.get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/webp"
    found = Image.open(BytesIO(answer.content)).convert("RGB").getpixel((100, 100))
    assert isinstance(found, tuple)
    return found[1] > found[0] + 60


async def with_video(api: Api) -> tuple[str, dict[str, Any]]:
    """A session with an image, a clip whose own file is no video of ours, and a film."""
    session_id, (image,) = await api.with_images(1)
    content = await asyncio.to_thread(video, api.backend.folder / "video.mp4")
    segment = f"sessions/{session_id}/segments/one.mp4"
    await api.services.storage.upload_file(api.backend.folder / "video.mp4", "video/mp4", segment)
    clip = clip_of(session_id, image, 0)
    details = replace(DETAILS, segment=replace(DETAILS.segment, video=segment))
    await api.backend.asset(session_id, replace(clip, details=details), b"as it was bought")
    film = NewAsset(
        AssetKind.FINAL,
        f"sessions/{session_id}/films/film.mp4",
        "f" * 64,
        "video/mp4",
        len(content),
        details=FilmDetails(0.2, "320x180", 30, 6),
    )
    await api.backend.asset(session_id, film, content)
    return session_id, (await api.http.get(f"/api/sessions/{session_id}")).json()


def kept(api: Api, session_id: str) -> list[Path]:
    return sorted((api.backend.folder / "storage" / "sessions" / session_id / "thumbnails").glob("*"))


async def test_images_clips_and_films_have_small_pictures_that_are_kept(api: Api) -> None:
    session_id, session = await with_video(api)
    large = photo(7, side=1200)
    await api.upload(session_id, large)
    image = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"][1]
    small = await api.http.get(image["thumbnail_url"])
    assert small.headers["content-type"] == "image/webp"
    assert max(Image.open(BytesIO(small.content)).size) == 480
    assert await green(api, session["generated_clips"][0]["poster_url"])
    assert await green(api, session["films"][0]["poster_url"])
    before = [(path, path.stat().st_mtime_ns) for path in kept(api, session_id)]
    assert len(before) == 3
    assert (await api.http.get(image["thumbnail_url"])).content == small.content
    assert [(path, path.stat().st_mtime_ns) for path in kept(api, session_id)] == before


async def test_a_picture_asked_for_by_many_is_drawn_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    _, session = await with_video(api)
    drawn: list[Photo] = []
    draw = thumbnails.of_photo

    def counting(photo: Photo) -> bytes:
        drawn.append(photo)
        return draw(photo)

    monkeypatch.setattr(thumbnails, "of_photo", counting)
    url = session["generated_images"][0]["thumbnail_url"]
    answers = await asyncio.gather(*[api.http.get(url) for _ in range(8)])
    assert {answer.status_code for answer in answers} == {200}
    assert len(drawn) == 1


async def test_they_go_with_what_they_show(api: Api) -> None:
    session_id, images = await api.with_images(2)
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    urls = [image["thumbnail_url"] for image in session["generated_images"]]
    for url in urls:
        assert (await api.http.get(url)).status_code == 200
    await api.http.delete(f"/api/sessions/{session_id}/images/{images[0]}")
    assert len(kept(api, session_id)) == 1
    assert (await api.http.get(urls[0])).status_code == 404
    await api.http.delete(f"/api/sessions/{session_id}")
    assert (await api.http.get(urls[1])).status_code == 404
    assert kept(api, session_id) == []


async def test_a_picture_that_is_finished_after_its_session_is_gone_is_not_kept(backend: Backend) -> None:
    class Vanishing(type(backend.services.sessions)):
        """The session is deleted while its picture is drawn."""

        asked = 0

        async def find_asset(self, asset_id: str) -> Asset | None:
            self.asked += 1
            return await super().find_asset(asset_id) if self.asked == 1 else None

    service = ThumbnailService(Vanishing(backend.database), backend.services.storage, backend.services.photos)
    async with opened_api(with_services(backend, thumbnails=service)) as api:
        session_id, _ = await api.with_images(1)
        session = (await api.http.get(f"/api/sessions/{session_id}")).json()
        assert (await api.http.get(session["generated_images"][0]["thumbnail_url"])).status_code == 404
        assert kept(api, session_id) == []


async def test_what_cannot_be_drawn_loses_nothing(api: Api) -> None:
    session_id, _ = await api.with_clips(1)
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    clip = session["generated_clips"][0]
    assert (await api.http.get(clip["poster_url"])).status_code == 404
    assert (await api.http.get(clip["url"])).content == b"clip"


async def test_a_picture_of_a_file_that_has_gone_is_not_there(backend: Backend) -> None:
    class Elsewhere(StorageService):
        def local_path(self, key: str) -> Path | None:
            return None

    storage = Elsewhere(backend.services.storage._store)  # pyright: ignore[reportPrivateUsage]
    async with opened_api(
        with_services(backend, thumbnails=ThumbnailService(backend.services.sessions, storage, backend.services.photos))
    ) as api:
        session_id, _ = await api.with_images(1)
        (image,) = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]
        (stored,) = (backend.folder / "storage").rglob("*.jpg")
        stored.unlink()
        assert (await api.http.get(image["thumbnail_url"])).status_code == 404


async def test_only_links_that_were_signed_draw_anything(api: Api) -> None:
    session_id, _ = await api.with_images(2)
    first, second = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]
    path, query = first["thumbnail_url"].partition("?")[0], second["thumbnail_url"].partition("?")[2]
    assert (await api.http.get(f"{path}?{query}")).status_code == 403
    other = f"sessions/{'0' * 32}/thumbnails/{first['id']}.webp"
    link = api.services.links.sign(other, 60)
    assert (await api.http.get(f"/media/{other}?{link}")).status_code == 404
    assert kept(api, session_id) == []


async def test_files_that_are_elsewhere_are_fetched_for_their_pictures(backend: Backend) -> None:
    class Elsewhere(StorageService):
        async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
            return f"https://bucket.example/{key}?{disposition}"

        def local_path(self, key: str) -> Path | None:
            return None

    storage = Elsewhere(backend.services.storage._store)  # pyright: ignore[reportPrivateUsage]
    service = ThumbnailService(backend.services.sessions, storage, backend.services.photos, backend.folder / "work")
    async with opened_api(with_services(backend, storage=storage, thumbnails=service)) as api:
        session_id, session = await with_video(api)
        answer = await api.http.get(session["films"][0]["poster_url"])
        assert answer.status_code == 307
        assert len(kept(api, session_id)) == 1
        assert list((backend.folder / "work").glob("thumbnail-*")) == []
        download = await api.http.get(session["films"][0]["download_url"])
        assert "attachment;%20filename=%22Film%2016x9.mp4%22" in download.headers["location"]
