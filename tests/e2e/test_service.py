"""The whole way from photos to a downloaded film, over HTTP and the WebSocket, against processes as people start them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from adreel.domain.films.formats import FrameSize
from adreel.media.checks import moov_is_first
from support.pictures import texture
from support.s3 import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from support.service import Customer, Process, serve, serve_full_size, work
from support.sizes import FULL, SIZES, SMALL

CLIP_SECONDS = 1.0
CLIP_FRAMES = 30
STAGES = ["created", "image_selection", "clip_generation", "clip_selection", "final_composition", "complete"]

Frames = list[npt.NDArray[np.uint8]]


@dataclass
class Film:
    """What came of one journey."""

    session: dict[str, Any]
    clips: list[dict[str, Any]]
    order: list[str]
    frames: Frames
    clip_frames: dict[str, Frames]
    events: list[dict[str, Any]]
    costs: dict[str, Any]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    made: list[Path] = []
    for number in range(2):
        path = folder / f"photo-{number}.jpg"
        cv2.imwrite(str(path), texture(900, 700, seed=number))
        made.append(path)
    return made


def frames_of(path: Path) -> Frames:
    film = cv2.VideoCapture(str(path))
    frames: Frames = []
    while True:
        there, frame = film.read()
        if not there:
            return frames
        frames.append(np.asarray(frame, np.uint8))


async def make_film(customer: Customer, photos: list[Path], folder: Path) -> Film:
    """Photos → images → clips → approved in the other order → film → downloaded."""
    session_id = await customer.start("two boxes")
    images = await customer.upload(session_id, photos)
    await customer.post("/api/save-approved-images", session_id=session_id, approved_image_ids=images)
    clips = await customer.clips(session_id, CLIP_SECONDS)
    order = [clip["id"] for clip in reversed(clips)]
    saved = await customer.post(
        "/api/save-approved-clips",
        session_id=session_id,
        approved_clip_ids=[clip["id"] for clip in clips],
        clip_order=order,
    )
    assert saved["approved_count"] == 2
    session = await customer.compose(
        session_id,
        text_overlay={"product_name": "Morgen", "cta": "Order yours", "color": "#E4572E"},
        audio={"enabled": True, "genre": "upbeat"},
        aspects=["16:9", "9:16"],
    )
    assert session["stage"] == "complete", customer.listener.events[-1]
    film = await customer.download(session["final_video"]["url"], folder / "film.mp4")
    clip_files = {clip["id"]: await customer.download(clip["url"], folder / f"{clip['id']}.mp4") for clip in clips}
    return Film(
        session=session,
        clips=clips,
        order=order,
        frames=frames_of(film),
        clip_frames={clip_id: frames_of(path) for clip_id, path in clip_files.items()},
        events=customer.listener.events,
        costs=await customer.get(f"/api/sessions/{session_id}/costs"),
    )


def check_film(film: Film, size: FrameSize) -> None:
    """One second of intro, both clips in the order that was approved, one second of outro; every clip frame untouched."""
    assert len(film.frames) == 4 * CLIP_FRAMES
    assert film.frames[0].shape == (size.height, size.width, 3)
    for place, clip_id in enumerate(film.order):
        first = (1 + place) * CLIP_FRAMES
        for frame in (0, CLIP_FRAMES // 2, CLIP_FRAMES - 1):
            assert np.array_equal(film.frames[first + frame], film.clip_frames[clip_id][frame])
    final = film.session["final_video"]
    assert (final["resolution"], final["fps"], final["format"]) == (f"{size.width}x{size.height}", 30, "mp4")
    assert final["duration"] == pytest.approx(4.0)
    assert final["file_size_mb"] > 0


def check_told(film: Film) -> None:
    """Events without a gap, percentages that fit their stages and rise within each job, and the film's data at the end."""
    assert [event["seq"] for event in film.events] == list(range(1, len(film.events) + 1))
    stages = [event["stage"] for event in film.events]
    order = [stage for stage in STAGES if stage in stages]
    assert [stage for index, stage in enumerate(stages) if index == 0 or stages[index - 1] != stage] == order
    assert {"clip_generation", "clip_selection", "final_composition", "complete"} <= set(stages)
    clips = [event["progress"] for event in film.events if event["stage"] == "clip_generation"]
    assert 55 in clips
    assert clips == sorted(clips)
    assert all(percent <= 90 for percent in clips)
    planned = clips.index(55)
    assert len(set(clips[planned:])) > 2
    composing = [
        event["progress"] for event in film.events if event["stage"] == "final_composition" and event["progress"]
    ]
    assert all(92 <= percent <= 98 for percent in composing[-3:])
    last = film.events[-1]
    assert last["progress"] == 100
    assert last["data"]["final_video"]["duration"] == pytest.approx(4.0)
    assert film.costs["total_cost"] == "0.00"
    assert len([line for line in film.costs["breakdown"] if line["model"] == "local"]) >= 2


async def check_pictures(customer: Customer, film: Film, folder: Path, size: FrameSize) -> None:
    """Small pictures of everything, none larger than what it shows, and a card before anything is composed."""
    session = await customer.get(f"/api/sessions/{film.session['id']}")
    urls = [image["thumbnail_url"] for image in session["generated_images"]]
    sides = [480] * len(urls)
    urls += [each["poster_url"] for each in (*session["generated_clips"], *session["films"])]
    sides += [min(480, size.width)] * (len(urls) - len(sides))
    assert len(urls) == 6
    for number, (url, side) in enumerate(zip(urls, sides, strict=True)):
        with Image.open(await customer.download(url, folder / f"small{number}.webp")) as picture:
            assert (picture.format, max(picture.size)) == ("WEBP", side)
    body = {"kind": "outro", "text_overlay": {"cta": "Order yours"}, "aspect": "9:16", "width": 360}
    answer = await customer.http.post(f"/api/sessions/{session['id']}/card-preview", json=body)
    assert Image.open(BytesIO(answer.content)).size == (360, 640)


async def check_defaults(customer: Customer, film: Film, folder: Path, size: FrameSize) -> None:
    """The specification's film when nothing but its words is ordered: a card of 1.0 s, the clips, a card of 1.0 s, and music,
    in 1920x1080 at 30 frames a second, H.264 in 4:2:0 with AAC, its index first; free, as decided in 0089."""
    session = await customer.compose(film.session["id"], text_overlay={"product_name": "Morgen", "cta": "Order yours"})
    final = session["final_video"]
    path = await customer.download(final["url"], folder / "defaults.mp4")
    assert moov_is_first(path)
    with av.open(str(path)) as opened:
        picture, sound = opened.streams.video[0], opened.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height, picture.average_rate) == (size.width, size.height, 30)
        assert (sound.codec_context.name, sound.codec_context.sample_rate) == ("aac", 48_000)
        heard = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(sound)])
    assert np.sqrt(np.mean(heard[48_000:-48_000] ** 2)) > 0.01
    changed = frames_of(path)
    assert len(changed) == round(final["duration"] * 30) == 4 * CLIP_FRAMES
    clips = slice(CLIP_FRAMES, 3 * CLIP_FRAMES)
    assert all(map(np.array_equal, changed[clips], film.frames[clips]))
    assert final["url"] != film.session["final_video"]["url"]
    assert {"id", "url", "duration", "resolution", "fps", "format", "file_size_mb"} <= set(final)


async def check_names(customer: Customer, film: Film) -> None:
    """What the specification calls things: clips, their facts, and the seconds that an order is said to take."""
    for clip in film.clips:
        assert {"url", "duration", "motion_intensity", "camera_movement", "source_image_id", "cost"} <= set(clip), set(
            clip
        )
    schemas = (await customer.get("/api/openapi.json"))["components"]["schemas"]
    asked = schemas["ComposeFinalVideoRequest"]["properties"]
    assert {"session_id", "text_overlay", "audio", "intro_duration", "outro_duration"} <= set(asked)
    assert (asked["intro_duration"]["default"], asked["outro_duration"]["default"]) == (1.0, 1.0)
    assert schemas["GenerateClipsRequest"]["properties"]["clip_duration"]["default"] == 3.0
    assert {"approved_clip_ids", "clip_order"} <= set(schemas["SaveApprovedClipsRequest"]["properties"])


async def check_change_of_words(customer: Customer, film: Film, folder: Path) -> None:
    """Another film, in which only the outro differs."""
    overlay = {"product_name": "Morgen", "cta": "Now in blue", "color": "#E4572E"}
    audio = {"enabled": True, "genre": "upbeat"}
    session = await customer.compose(film.session["id"], text_overlay=overlay, audio=audio)
    changed = frames_of(await customer.download(session["final_video"]["url"], folder / "changed.mp4"))
    assert session["final_video"]["url"] != film.session["final_video"]["url"]
    assert all(np.array_equal(changed[index], film.frames[index]) for index in range(3 * CLIP_FRAMES))
    assert not np.array_equal(changed[-1], film.frames[-1])


@pytest.fixture
def embedded(tmp_path: Path, size: FrameSize) -> Iterator[tuple[Path, str]]:
    process, address = serve_full_size(tmp_path) if size == FULL else serve(tmp_path)
    yield tmp_path, address
    assert process.stop() == 0, process.output


@pytest.mark.parametrize("size", SIZES)
async def test_photos_become_a_film_with_nothing_set_up(
    embedded: tuple[Path, str], size: FrameSize, photos: list[Path], tmp_path: Path
) -> None:
    data, address = embedded
    async with Customer(address) as customer:
        film = await make_film(customer, photos, tmp_path)
        check_film(film, size)
        check_told(film)
        await check_pictures(customer, film, tmp_path, size)
        await check_change_of_words(customer, film, tmp_path)
        await check_defaults(customer, film, tmp_path, size)
        await check_names(customer, film)
    with closing(sqlite3.connect(data / "adreel.db")) as database:
        stage, order, cost = database.execute("SELECT stage, clip_order, total_cost FROM sessions").fetchone()
        kinds = dict(database.execute("SELECT kind, count(*) FROM assets GROUP BY kind").fetchall())
        costs = database.execute("SELECT sum(amount), sum(success) FROM generation_costs").fetchone()
    assert (stage, cost) == ("complete", 0)
    assert all(clip_id in order for clip_id in film.order)
    assert order.index(film.order[0]) < order.index(film.order[1])
    assert (kinds["image"], kinds["clip"], kinds["final"]) == (2, 2, 4)
    assert costs[0] == 0


@dataclass
class Cluster:
    address: str
    database_url: str
    workers: list[Process]


@pytest.fixture
def cluster(pg_database: str, s3_server: S3Server, tmp_path: Path) -> Iterator[Cluster]:
    """One API process without a worker, two workers, PostgreSQL and S3: no folder is shared."""
    settings = {
        "ADREEL_DATABASE_URL": pg_database,
        "ADREEL_S3_BUCKET": s3_server.bucket(),
        "ADREEL_S3_ENDPOINT": s3_server.endpoint,
        "ADREEL_S3_REGION": REGION,
        "ADREEL_S3_ACCESS_KEY": ACCESS_KEY,
        "ADREEL_S3_SECRET_KEY": SECRET_KEY,
        "ADREEL_JOBS": "1",
    }
    started: list[Process] = []
    try:
        folders = [tmp_path / name for name in ("api", "worker-1", "worker-2")]
        for folder in folders:
            folder.mkdir()
        api, address = serve(folders[0], "--no-worker", **settings)
        started.append(api)
        started += [work(folder, **settings) for folder in folders[1:]]
        yield Cluster(address, pg_database, started[1:])
        for process in started:
            assert process.stop() == 0, process.output
    finally:
        for process in started:
            process.kill()


async def test_the_same_on_postgresql_and_s3_with_two_workers(
    cluster: Cluster, photos: list[Path], tmp_path: Path
) -> None:
    async with Customer(cluster.address) as customer:
        film = await make_film(customer, photos, tmp_path)
        await check_pictures(customer, film, tmp_path, SMALL)
    check_film(film, SMALL)
    check_told(film)
    database = await asyncpg.connect(cluster.database_url)
    try:
        row = await database.fetchrow("SELECT stage, clip_order, total_cost FROM sessions")
        kinds = dict(await database.fetch("SELECT kind, count(*) FROM assets GROUP BY kind"))
        executors = await database.fetchval("SELECT count(*) FROM executors")
    finally:
        await database.close()
    assert row is not None
    assert (row["stage"], row["total_cost"]) == ("complete", 0)
    assert (kinds["image"], kinds["clip"], kinds["final"]) == (2, 2, 2)
    assert executors == 2
