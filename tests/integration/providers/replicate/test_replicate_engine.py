from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import (
    AmbiguousSubmitError,
    DownloadError,
    InputError,
    RefusedError,
    UnavailableError,
)
from adreel.domain.films.formats import ASPECTS, ratio_of
from adreel.domain.films.scene import CameraMovement
from adreel.domain.providers import JobStatus, RemoteEngine, RemoteJob, VideoOrder
from adreel.providers.replicate.client import Policy, open_client
from adreel.providers.replicate.video import ReplicateEngine
from adreel.services.storage.downloads import Downloader
from adreel.testing.replicate.render import seed_colour
from support.replicate import StandIn, write_image, write_large_image

TOKEN = "r8_secret"  # noqa: S105
MODELS = load_catalogue().videos
HOSTED = [name for name, model in MODELS.items() if model.provider == "replicate"]
RED, BLUE = (200, 40, 40), (40, 60, 200)


@pytest.fixture
async def engine(stand_in: StandIn) -> AsyncIterator[ReplicateEngine]:
    async with open_client(TOKEN, base_url=stand_in.api, policy=Policy(timeout=20, first_pause=0.01)) as client:
        downloader = Downloader(allowed_hosts=[stand_in.output_host])
        yield ReplicateEngine(client, MODELS, downloader.fetch, output_hosts=[stand_in.output_host])


@pytest.fixture
def order(tmp_path: Path) -> VideoOrder:
    return VideoOrder(
        model="stable-video-diffusion",
        image=write_image(tmp_path / "bottle.png", RED),
        prompt="A bottle.",
        seconds=3.0,
        motion_intensity=0.5,
        camera_movement=CameraMovement.PUSH_IN,
        seed=4242,
    )


async def ended(engine: RemoteEngine, job: RemoteJob) -> RemoteJob:
    async with asyncio.timeout(30):
        while not job.status.is_final:
            await asyncio.sleep(0.02)
            job = await engine.poll(job.id)
    return job


def moment_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def look(path: Path) -> tuple[int, float, list[int], list[int]]:
    """Frames, seconds, and the colours of the first picture's upper and lower half."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        rate = container.streams.video[0].average_rate
    assert rate is not None
    height = pictures[0].shape[0]
    halves = (pictures[0][: height // 3], pictures[0][-height // 3 :])
    top, bottom = ([int(value) for value in half.reshape(-1, 3).mean(axis=0).round()] for half in halves)
    return len(pictures), len(pictures) / float(rate), top, bottom


async def test_an_order_becomes_a_clip_of_its_image_and_seed(
    engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    job = await ended(engine, await engine.submit(order))
    assert (job.status, job.seed, job.expired) == (JobStatus.SUCCEEDED, 4242, False)
    await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    frames, seconds, top, bottom = look(tmp_path / "clip.mp4")
    assert (frames, seconds) == (25, 3.125)
    assert np.abs(np.subtract(top, RED)).max() < 12
    assert np.abs(np.subtract(bottom, seed_colour(4242))).max() < 12


@pytest.mark.parametrize("name", HOSTED)
async def test_every_model_takes_its_order_at_its_price(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, name: str
) -> None:
    wanted = replace(order, model=name)
    await engine.check(name)
    job = await engine.submit(wanted)
    assert job.seed == order.seed
    assert Decimal(stand_in.billing()["total"]) == engine.price(wanted)
    assert (await engine.search(order.seed, moment_ago())).job is not None
    done = await ended(engine, job)
    assert done.status is JobStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("name", "aspect"), [(name, aspect) for name in HOSTED for aspect in MODELS[name].aspects_of(ASPECTS)]
)
async def test_a_clip_of_any_photo_has_the_aspect_of_the_film(
    engine: ReplicateEngine, order: VideoOrder, tmp_path: Path, name: str, aspect: str
) -> None:
    """The stand-in's clips are as the image is, or as they were asked for; a 3:2 photo is neither."""
    photo = write_image(tmp_path / "photo.png", BLUE, (600, 400))
    job = await ended(engine, await engine.submit(replace(order, model=name, image=photo, aspect=aspect)))
    await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.width / stream.height == pytest.approx(float(ratio_of(aspect)), rel=0.1)


async def test_clips_of_several_scenes_are_not_mixed_up(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    other = replace(order, image=write_image(tmp_path / "blue.png", BLUE), seed=4243)
    jobs = await asyncio.gather(*(engine.submit(each) for each in (order, other)))
    for number, (job, colour) in enumerate(zip(jobs, (RED, BLUE), strict=True)):
        done = await ended(engine, job)
        await engine.fetch(done.outputs[0], tmp_path / f"{number}.mp4")
        assert np.abs(np.subtract(look(tmp_path / f"{number}.mp4")[2], colour)).max() < 12
    assert stand_in.billing()["count"] == 2


async def test_a_large_image_is_uploaded_first(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    job = await engine.submit(replace(order, image=write_large_image(tmp_path / "large.png")))
    assert stand_in.billing()["entries"][0]["input"]["input_image"].startswith(f"{stand_in.api}/files/")
    assert len(uploads(stand_in)) == 1
    assert (await ended(engine, job)).status is JobStatus.SUCCEEDED
    assert uploads(stand_in) == []
    # Looked at again after a crash: the file is gone already.
    assert (await engine.poll(job.id)).status is JobStatus.SUCCEEDED


async def test_an_uploaded_image_goes_with_a_cancelled_order_too(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    stand_in.fault("stuck")
    job = await engine.submit(replace(order, image=write_large_image(tmp_path / "large.png")))
    assert len(uploads(stand_in)) == 1
    await engine.cancel(job.id)
    assert (await ended(engine, job)).status.is_final
    assert uploads(stand_in) == []


async def test_a_clip_does_not_fail_because_its_upload_cannot_be_deleted(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    job = await engine.submit(replace(order, image=write_large_image(tmp_path / "large.png")))
    stand_in.fault("server_error", on="files", times=50)
    assert (await ended(engine, job)).status is JobStatus.SUCCEEDED
    stand_in.reset_faults()
    assert len(uploads(stand_in)) == 1


def uploads(stand_in: StandIn) -> list[str]:
    """What lies at the provider."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.get(f"{stand_in.api}/files", headers=token, trust_env=False)
    return [file["id"] for file in answer.raise_for_status().json()["results"]]


@pytest.mark.parametrize("fault", ["server_error_accepted", "drop_accepted"])
@pytest.mark.parametrize("name", ["stable-video-diffusion", "kling-v2.5-turbo-pro"])
async def test_an_order_whose_answer_was_lost_is_found_and_paid_once(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, fault: str, name: str
) -> None:
    wanted = replace(order, model=name)
    since = datetime.now(UTC)
    await engine.submit(replace(wanted, seed=1))
    stand_in.fault(fault)
    with pytest.raises(AmbiguousSubmitError):
        await engine.submit(wanted)
    await engine.submit(replace(wanted, seed=2))
    job = (await engine.search(wanted.seed, since)).job
    assert job is not None
    entries = stand_in.billing()["entries"]
    assert [entry["id"] for entry in entries].index(job.id) == 1
    assert len(entries) == 3


@pytest.mark.parametrize("fault", ["server_error", "drop"])
async def test_an_order_that_never_arrived_is_not_found(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, fault: str
) -> None:
    stand_in.fault(fault)
    with pytest.raises(AmbiguousSubmitError):
        await engine.submit(order)
    assert (await engine.search(order.seed, moment_ago())).job is None
    assert stand_in.billing()["count"] == 0


async def test_nothing_is_said_of_an_order_whose_trace_may_have_been_removed(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder
) -> None:
    stand_in.fault("expired")
    job = await ended(engine, await engine.submit(order))
    found = await engine.search(order.seed, moment_ago())
    assert (found.job, found.listed, found.unreadable) == (None, {job.id}, {job.id})


async def test_a_refusal_of_the_picture_is_reported_in_the_providers_words(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder
) -> None:
    stand_in.fault("failed", seed=order.seed)
    job = await ended(engine, await engine.submit(order))
    assert job.status is JobStatus.FAILED
    assert "NSFW" in (job.error or "")
    assert (await ended(engine, await engine.submit(replace(order, seed=1)))).status is JobStatus.SUCCEEDED


async def test_a_job_that_was_aborted_costs_nothing(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder
) -> None:
    stand_in.fault("aborted")
    assert (await ended(engine, await engine.submit(order))).status is JobStatus.ABORTED
    assert stand_in.billing()["total"] == "0"


async def test_a_clip_in_an_answer_that_says_it_is_still_made_is_a_clip(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder
) -> None:
    stand_in.fault("processing_with_output")
    job = await ended(engine, await engine.submit(order))
    assert job.status is JobStatus.SUCCEEDED
    assert len(job.outputs) == 1


async def test_a_clip_inside_the_answer_is_kept(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    stand_in.fault("data_uri")
    job = await ended(engine, await engine.submit(order))
    assert job.outputs[0].startswith("data:video/mp4;base64,")
    await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    assert look(tmp_path / "clip.mp4")[0] == 25
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".mp4"] == ["clip.mp4"]


async def test_outputs_are_gone_after_an_hour(stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder) -> None:
    job = await ended(engine, await engine.submit(order))
    stand_in.advance(3601)
    later = await engine.poll(job.id)
    assert (later.status, later.outputs, later.expired) == (JobStatus.SUCCEEDED, (), True)


async def test_the_token_stays_with_the_api(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    job = await ended(engine, await engine.submit(order))
    await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    downloads = stand_in.requests("output")
    assert [(call["site"], call["authorization"], call["cookie"]) for call in downloads] == [("outputs", None, None)]
    orders = stand_in.requests("create")
    assert [(call["site"], call["authorization"]) for call in orders] == [("api", f"Bearer {TOKEN}")]


async def test_a_host_that_is_not_the_providers_is_not_asked(
    stand_in: StandIn, engine: ReplicateEngine, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="not Replicate's"):
        await engine.fetch(f"{stand_in.api}/predictions", tmp_path / "clip.mp4")
    assert not stand_in.requests()
    assert not (tmp_path / "clip.mp4").exists()


async def test_a_redirect_leads_nowhere_else(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path
) -> None:
    job = await ended(engine, await engine.submit(order))
    stand_in.fault("redirect", text=f"{stand_in.api}/webhooks/default/secret")
    with pytest.raises(DownloadError):
        await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    assert not stand_in.requests("secret")
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.parametrize("fault", ["wrong_length", "missing", "drop", "server_error"])
async def test_a_download_that_breaks_leaves_nothing_and_can_be_repeated(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, tmp_path: Path, fault: str
) -> None:
    job = await ended(engine, await engine.submit(order))
    stand_in.fault(fault, on="output")
    with pytest.raises(DownloadError):
        await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bottle.png"]
    await engine.fetch(job.outputs[0], tmp_path / "clip.mp4")
    assert look(tmp_path / "clip.mp4")[0] == 25


async def test_an_image_that_cannot_be_sent_in_time_is_not_ordered(
    stand_in: StandIn, order: VideoOrder, tmp_path: Path
) -> None:
    stand_in.fault("latency", on="files", seconds=30)
    large = replace(order, image=write_large_image(tmp_path / "large.png"))
    async with open_client(TOKEN, base_url=stand_in.api, policy=Policy(upload=0.2)) as client:
        hasty = ReplicateEngine(client, MODELS, Downloader().fetch)
        with pytest.raises(UnavailableError, match="the image could not be uploaded"):
            await hasty.submit(large)
    assert not stand_in.requests("create")


async def test_cancelling_stops_a_job(stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder) -> None:
    stand_in.fault("stuck")
    job = await engine.submit(order)
    assert (await engine.cancel(job.id)).status is JobStatus.CANCELED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "local"}, "no model 'local'"),
        ({"model": "nothing"}, "no model 'nothing'"),
        ({"seconds": 6.0}, "between 0.5 and 5 seconds"),
        ({"seed": -1}, "the seed -1"),
        ({"model": "veo-3.1-fast", "aspect": "1:1"}, "veo-3.1-fast makes no clips of 1:1; choose one of 16:9, 9:16"),
        ({"model": "runway-gen2", "aspect": "3:1"}, "runway-gen2 makes no clips of 3:1; choose one of 16:9, 9:16"),
        ({"model": "hailuo-2.3", "seconds": 10.0}, "hailuo-2.3; choose between 0.5 and 6 seconds"),
        ({"model": "wan-2.2-i2v-fast", "seconds": 8.0}, "wan-2.2-i2v-fast; choose between 0.5 and 7.5625 seconds"),
        ({"image": Path("missing.png")}, "the image does not exist"),
    ],
)
async def test_an_impossible_order_is_refused_before_it_is_sent(
    stand_in: StandIn, engine: ReplicateEngine, order: VideoOrder, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        await engine.submit(replace(order, **change))  # type: ignore[arg-type]
    assert not stand_in.requests()


async def test_a_model_that_is_gone_is_noticed(stand_in: StandIn, engine: ReplicateEngine) -> None:
    stand_in.forget_model("runwayml/gen4-turbo")
    with pytest.raises(RefusedError, match="does not have what was asked for"):
        await engine.check("runway-gen2")
