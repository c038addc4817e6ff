"""A deletion reaches every store: nothing of a session's bytes and words is found anywhere afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import httpx
import pytest

from adreel import AdRequest, Studio
from adreel.domain.sessions.session import SessionRecord
from adreel.services.sessions.thumbnail_keys import thumbnail_key
from adreel.services.sessions.thumbnails import ThumbnailService
from adreel.services.storage.s3_store import S3Store
from support.durable import until
from support.outage import line_to
from support.pictures import texture
from support.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from support.service import serve
from support.stores import Contents, Stores

WORDS = {
    "product": "kumquatlamp",
    "video": "zephyrlight",
    "name": "Quixotium",
    "cta": "Grabzorbit",
    "fact": "bramblewort",
}


@dataclass(frozen=True)
class Place:
    """Where a studio keeps its things, and the settings that say so."""

    stores: Stores
    settings: dict[str, object]


@pytest.fixture(params=["sqlite-folder", "postgresql-s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each database and each storage once: neither knows of the other."""
    database, storage = str(request.param).split("-")
    settings: dict[str, object] = {"data_dir": tmp_path / "data", "jobs": 2}
    url = s3 = bucket = None
    if database == "postgresql":
        url = settings["database_url"] = str(request.getfixturevalue("pg_database"))
    if storage == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        s3, bucket = server, server.bucket()
        settings |= {"s3_bucket": bucket, "s3_endpoint": s3.endpoint}
        settings |= {"s3_access_key": ACCESS_KEY, "s3_secret_key": SECRET_KEY}
    return Place(Stores(tmp_path / "data", url, s3, bucket), settings)


def photo(path: Path, seed: int) -> Path:
    cv2.imwrite(str(path), texture(600, 600, seed=seed))
    return path


async def film(studio: Studio, photos: list[Path], words: dict[str, str], transitions: Sequence[str]) -> SessionRecord:
    """A session with a script, a film for each transition, and a small picture of every file."""
    session = await studio.create_session(words["product"])
    images = await studio.add_images(session.id, photos)
    await studio.save_approved_images(session.id, [image.id for image in images])
    await studio.write_session_script(session.id, AdRequest(("a",), facts=(f"Made of {words['fact']}",)))
    clips = await studio.generate_clips(session.id, words["video"], clip_duration=1.2)
    await studio.save_approved_clips(session.id, [clip.id for clip in clips])
    await compose(studio, session.id, words, transitions)
    await small_pictures(studio, session.id)
    return session


async def compose(studio: Studio, session_id: str, words: dict[str, str], transitions: Sequence[str]) -> None:
    overlay = {"product_name": words["name"], "cta": words["cta"]}
    audio = {"genre": "chill"}
    for transition in transitions:
        await studio.compose_final_video(session_id, text_overlay=overlay, audio=audio, transition=transition)


async def small_pictures(studio: Studio, session_id: str) -> None:
    thumbnails = ThumbnailService(studio._core.sessions, studio._core.storage, studio._core.photos, studio._work)
    for asset in (await studio.session(session_id)).assets:
        assert await thumbnails.find(thumbnail_key(asset)) is not None


@pytest.mark.usefixtures("small_films")
async def test_nothing_of_a_deleted_session_is_found_in_any_store(place: Place, tmp_path: Path) -> None:
    ours, shared = photo(tmp_path / "kumquatfile.png", 1), photo(tmp_path / "shared.png", 2)
    plain = {"product": "a box", "video": "calm", "name": "Box", "cta": "Order", "fact": "oak"}
    async with Studio(**place.settings) as studio:
        kept = await film(studio, [shared], plain, ["cut"])
        before = await place.stores.contents()
        gone = await film(studio, [ours, shared], WORDS, ["cut", "crossfade"])
        needles = [word.encode() for word in (*WORDS.values(), "kumquatfile", gone.id)]
        full = await place.stores.contents()
        assert {needle for _, needle in full.holding(needles)} == set(needles)

        out = await studio.export(tmp_path / "mine.zip")
        with zipfile.ZipFile(out) as whole:
            assert {asset.storage_key for asset in (await studio.session(gone.id)).assets} <= set(whole.namelist())
            session = whole.read(f"sessions/{gone.id}/session.json").decode()
            assert [word for word in WORDS.values() if word not in session] == []
        await studio.delete_session(gone.id)

        after = await place.stores.contents()
        # Ids say nothing of a person: the deletion itself, and for money the ledger, keep them.
        assert after.holding(needles[:-1]) == []
        left = {digest: name for digest, name in after.digests.items() if digest not in before.digests}
        assert left == {}
        assert ours.read_bytes() not in after.parts.values()
        # What is shared with a session that is there is not lost.
        assert set(before.digests) <= set(after.digests)
        view = await studio.session(kept.id)
        assert len(view.assets) == 3
        await studio.compose_final_video(kept.id, text_overlay={"cta": "Buy"}, audio={"enabled": False})
    ended = await place.stores.contents()
    assert ended.holding(needles[:-1]) == []


def failures(data: Path) -> int:
    with closing(sqlite3.connect(data / "adreel.db", timeout=30)) as connection:
        return int(connection.execute("SELECT coalesce(sum(failures), 0) FROM deletions").fetchone()[0])


async def test_a_deletion_outlives_an_outage_of_the_storage_and_a_kill(tmp_path: Path, s3_server: S3Server) -> None:
    bucket, data = s3_server.bucket(), tmp_path / "data"
    data.mkdir()
    stores = Stores(data, None, s3_server, bucket)
    async with line_to(int(s3_server.endpoint.rpartition(":")[2])) as line:
        settings = {
            "ADREEL_S3_BUCKET": bucket,
            "ADREEL_S3_ENDPOINT": f"http://127.0.0.1:{line.port}",
            "ADREEL_S3_ACCESS_KEY": ACCESS_KEY,
            "ADREEL_S3_SECRET_KEY": SECRET_KEY,
        }
        process, address = await asyncio.to_thread(lambda: serve(data, **settings))
        try:
            async with httpx.AsyncClient(base_url=address, timeout=60) as http:
                made = await http.post("/api/sessions/create", json={"product_prompt": WORDS["product"]})
                session_id = made.json()["session_id"]
                picture = photo(tmp_path / "one.png", 1)
                files = [("files", (picture.name, picture.read_bytes(), "image/png"))]
                assert (await http.post(f"/api/sessions/{session_id}/images", files=files)).status_code == 200
                assert (await contents_of(stores)).holding([picture.read_bytes()]) != []
                line.cut()
                assert (await http.delete(f"/api/sessions/{session_id}")).status_code == 204
                assert (await http.get(f"/api/sessions/{session_id}")).status_code == 404
            await until(lambda: failures(data) > 0, "the first attempt")
        finally:
            await asyncio.to_thread(process.kill)
        assert (await contents_of(stores)).holding([picture.read_bytes()]) != []
        line.restore()
        process, _ = await asyncio.to_thread(lambda: serve(data, **settings))
        try:
            async with asyncio.timeout(120):
                while (await contents_of(stores)).holding([picture.read_bytes()]):  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.5)
        finally:
            await asyncio.to_thread(process.stop)
    assert (await contents_of(stores)).holding([WORDS["product"].encode()]) == []


async def contents_of(stores: Stores) -> Contents:
    """Read in a thread: the line to the server is served by this loop."""
    return await asyncio.to_thread(lambda: asyncio.run(stores.contents()))


async def test_an_upload_that_was_broken_off_leaves_no_parts(s3_server: S3Server) -> None:
    config = s3_server.config()
    store, client = S3Store(config), s3_server.client()
    for key in ("sessions/one/clips/clip.mp4", "sessions/one0/clips/clip.mp4"):
        upload = client.create_multipart_upload(Bucket=config.bucket, Key=key)["UploadId"]
        part = b"p" * (5 * 1024 * 1024)
        client.upload_part(Bucket=config.bucket, Key=key, UploadId=upload, PartNumber=1, Body=part)
    await store.delete_prefix("sessions/one/")
    await store.close()
    left = client.list_multipart_uploads(Bucket=config.bucket).get("Uploads", [])
    assert [upload.get("Key") for upload in left] == ["sessions/one0/clips/clip.mp4"]
