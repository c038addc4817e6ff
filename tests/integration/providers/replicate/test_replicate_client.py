from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.schema import check_schema
from adreel.domain.errors import (
    AmbiguousSubmitError,
    GenerationError,
    NoCreditError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.domain.language_model import TextOrder, TextRequest
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.providers.common.throttle import Rate
from adreel.providers.replicate.client import Policy, ReplicateClient, SubmitOptions, open_client
from adreel.providers.replicate.responses import Prediction
from adreel.providers.replicate.text import ReplicateTextEngine
from support.replicate import StandIn

TOKEN = "r8_secret"  # noqa: S105
SEEDANCE = "bytedance/seedance-1-pro-fast"
LLAMA = load_catalogue().texts["llama-3-70b"]
IMPATIENT = Policy(timeout=20.0, first_pause=0.01, longest_wait=3.0)


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[ReplicateClient]:
    async with open_client(TOKEN, base_url=stand_in.api, policy=IMPATIENT) as opened:
        yield opened


async def order(client: ReplicateClient, seed: int = 7, options: SubmitOptions | None = None) -> Prediction:
    return await client.create(SEEDANCE, {"prompt": "a bottle", "duration": 2, "seed": seed}, options)


async def ended(client: ReplicateClient, prediction: Prediction) -> Prediction:
    async with asyncio.timeout(20):
        while not prediction.status.is_final:
            await asyncio.sleep(0.02)
            prediction = await client.get(prediction.id)
    return prediction


def moment_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


async def test_a_prediction_goes_its_way(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(starting=1000, processing=2000)
    prediction = await order(client)
    assert prediction.status is JobStatus.STARTING
    stand_in.advance(1001)
    assert (await client.get(prediction.id)).status is JobStatus.PROCESSING
    stand_in.advance(2000)
    done = await client.get(prediction.id)
    assert done.status is JobStatus.SUCCEEDED
    assert done.predict_seconds == pytest.approx(2000)
    assert done.created_at is not None
    assert done.created_at.tzinfo is not None
    assert str(done.output).startswith(stand_in.outputs)
    assert stand_in.billing()["total"] == "0.12"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("unauthorized", UnauthorizedError), ("no_credit", NoCreditError)],
)
async def test_refusals_cost_nothing_and_are_not_repeated(
    stand_in: StandIn, client: ReplicateClient, fault: str, kind: type[GenerationError]
) -> None:
    stand_in.fault(fault)
    with pytest.raises(kind):
        await order(client)
    assert len(stand_in.requests("create")) == 1
    assert stand_in.billing()["count"] == 0


async def test_a_token_that_is_not_known_is_reported(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(tokens=["r8_other"])
    with pytest.raises(UnauthorizedError, match="does not accept the API token") as caught:
        await order(client)
    assert TOKEN not in str(caught.value)


async def test_a_refused_input_names_its_fields(client: ReplicateClient) -> None:
    with pytest.raises(RefusedError, match=r"input\.duration: must be at most 12.*input\.colour: Additional"):
        await client.create(SEEDANCE, {"prompt": "x", "duration": 13, "colour": "red"})


async def test_a_model_that_is_not_there_is_refused(client: ReplicateClient) -> None:
    with pytest.raises(RefusedError, match="check the model's reference"):
        await client.create("nobody/nothing", {"prompt": "x"})


async def test_a_community_model_is_reached_by_its_version_only(client: ReplicateClient) -> None:
    reference = load_catalogue().videos["stable-video-diffusion"].reference
    given = {"input_image": "https://there/image.png"}
    assert (await client.create(reference, given)).status is JobStatus.STARTING
    with pytest.raises(RefusedError):
        await client.create(reference.partition(":")[0], given)


async def test_being_asked_to_wait_is_honoured(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.fault("throttled", retry_after=1)
    began = asyncio.get_running_loop().time()
    await order(client)
    assert asyncio.get_running_loop().time() - began >= 0.9
    assert len(stand_in.requests("create")) == 2
    assert stand_in.billing()["count"] == 1


async def test_patience_ends(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.fault("throttled", retry_after=9)
    with pytest.raises(ThrottledError) as caught:
        await order(client)
    assert caught.value.retry_after == 9


async def test_a_low_limit_slows_orders_down_but_loses_none(stand_in: StandIn) -> None:
    stand_in.rules(creates_per_minute=60, burst=1)
    async with open_client(TOKEN, base_url=stand_in.api) as patient:
        await asyncio.gather(*(order(patient, seed) for seed in range(3)))
    assert len(stand_in.requests("create")) > 3
    assert stand_in.billing()["count"] == 3


@pytest.mark.parametrize("fault", ["server_error_accepted", "drop_accepted", "server_error", "drop"])
async def test_a_lost_answer_to_an_order_is_ambiguous_and_not_repeated(
    stand_in: StandIn, client: ReplicateClient, fault: str
) -> None:
    stand_in.fault(fault)
    with pytest.raises(AmbiguousSubmitError, match="look for it before ordering again"):
        await order(client)
    assert len(stand_in.requests("create")) == 1
    assert stand_in.billing()["count"] == (1 if fault.endswith("accepted") else 0)


async def test_a_slow_answer_to_an_order_is_ambiguous(stand_in: StandIn) -> None:
    stand_in.fault("latency", seconds=1.5)
    async with open_client(TOKEN, base_url=stand_in.api, policy=Policy(timeout=0.3)) as hasty:
        with pytest.raises(AmbiguousSubmitError, match="ReadTimeout"):
            await order(hasty)


async def test_an_answer_that_trickles_in_is_given_up() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with open_client(TOKEN, base_url=address, policy=Policy(timeout=0.5, connect_timeout=0.5)) as client:
            with pytest.raises(AmbiguousSubmitError, match="no answer in time"):
                await order(client)


async def test_an_order_that_would_wait_too_long_behind_others_does_not_leave(stand_in: StandIn) -> None:
    slow = Policy(creates=Rate(1, 1), longest_wait=0.3)
    async with open_client(TOKEN, base_url=stand_in.api, policy=slow) as client:
        await order(client, 1)
        with pytest.raises(ThrottledError, match="too many calls"):
            await order(client, 2)
    assert stand_in.billing()["count"] == 1


async def test_nobody_there_is_not_ambiguous() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with open_client(TOKEN, base_url=f"http://127.0.0.1:{closed.getsockname()[1]}/v1") as client:
            with pytest.raises(UnavailableError, match="cannot be reached"):
                await order(client)


@pytest.mark.parametrize("fault", ["server_error", "drop"])
async def test_looking_is_tried_again(stand_in: StandIn, client: ReplicateClient, fault: str) -> None:
    prediction = await order(client)
    stand_in.fault(fault, on="get", times=3)
    assert (await client.get(prediction.id)).id == prediction.id
    assert len(stand_in.requests("get")) == 4


async def test_looking_gives_up_in_the_end(stand_in: StandIn, client: ReplicateClient) -> None:
    prediction = await order(client)
    stand_in.fault("server_error", on="get", times=9)
    with pytest.raises(UnavailableError, match="HTTP 503"):
        await client.get(prediction.id)
    assert len(stand_in.requests("get")) == IMPATIENT.attempts


async def test_the_list_is_followed_over_its_pages(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(page_size=2)
    made = [(await order(client, seed)).id for seed in range(5)]
    assert [found.id async for found in client.list_predictions(moment_ago())] == made[::-1]
    assert len(stand_in.requests("list")) == 3


async def test_the_list_begins_after_a_moment(stand_in: StandIn, client: ReplicateClient) -> None:
    first = await order(client, 1)
    second = await order(client, 2)
    assert first.created_at is not None
    assert [found.id async for found in client.list_predictions(first.created_at)] == [second.id]


async def test_cancelling_stops_what_has_not_ended(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(processing=1000)
    prediction = await order(client)
    assert (await client.cancel(prediction.id)).status is JobStatus.CANCELED
    stand_in.rules(processing=0.1)
    done = await ended(client, await order(client))
    assert (await client.cancel(done.id)).status is JobStatus.SUCCEEDED


async def test_the_provider_gives_up_after_the_time_that_is_set(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(starting=1000)
    early = await order(client, 1, SubmitOptions(cancel_after=60))
    stand_in.rules(starting=0, processing=1000)
    late = await order(client, 2, SubmitOptions(cancel_after=60))
    stand_in.advance(61)
    assert (await client.get(early.id)).status is JobStatus.ABORTED
    assert (await client.get(late.id)).status is JobStatus.CANCELED
    assert [entry["charged"] for entry in stand_in.billing()["entries"]] == ["0", "0.12"]


async def test_files_are_uploaded_and_removed(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.fault("drop", on="files")
    upload = await client.upload("image.png", b"content", "image/png")
    assert upload.url == f"{stand_in.api}/files/{upload.id}"
    await client.delete_upload(upload.id)
    await client.delete_upload(upload.id)


async def test_the_live_schema_is_that_of_the_catalogue(client: ReplicateClient) -> None:
    catalogue = load_catalogue()
    hosted = [model for model in catalogue.videos.values() if model.provider == "replicate"]
    for model in (*hosted, *catalogue.images.values(), LLAMA):
        check_schema(model, await client.input_schema(model.reference))


async def test_a_model_whose_fields_have_changed_is_noticed(stand_in: StandIn, client: ReplicateClient) -> None:
    fields = {"first_image": {"type": "string"}, "prompt": {"type": "string"}}
    stand_in.learn_model("kwaivgi/kling-v2.5-turbo-pro", {"makes": "video", "price": "1", "fields": fields})
    kling = load_catalogue().videos["kling-v2.5-turbo-pro"]
    with pytest.raises(RefusedError, match="no input field 'start_image'"):
        check_schema(kling, await client.input_schema(kling.reference))


async def test_the_webhook_secret_is_returned(stand_in: StandIn, client: ReplicateClient) -> None:
    assert await client.webhook_secret() == stand_in.webhook_secret


async def answer(client: ReplicateClient) -> RemoteJob:
    engine = ReplicateTextEngine(client, {"llama": LLAMA})
    job = await engine.submit(TextOrder("llama", TextRequest("be brief", "plan"), marker=7))
    while not job.status.is_final:
        await asyncio.sleep(0.02)
        job = await engine.poll(job.id)
    return job


async def test_the_answer_of_a_language_model_is_one_text(stand_in: StandIn, client: ReplicateClient) -> None:
    text = '{"scenes": [\n  "one  two",\n  "drei\u2028vier"\n]}'
    stand_in.rules(texts=[text])
    assert (await answer(client)).outputs == (text,)


async def test_a_language_model_that_fails_gives_its_reason(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.fault("failed", text="too hot")
    failed = await answer(client)
    assert failed.status is JobStatus.FAILED
    assert failed.error == "too hot"
    assert failed.outputs == ()
