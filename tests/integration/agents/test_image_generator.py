"""Images over HTTP, from the stand-in."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from adreel.agents.agent import AgentInput, AgentOutput
from adreel.agents.image_generator import BatchImageGeneratorAgent, ImagesMade, ImagesOrder
from adreel.catalogue.loader import load_catalogue
from adreel.domain.costs.ledger import CallState, PurchaseKind
from adreel.domain.errors import AmbiguousSubmitError, BudgetError, InputError, RefusedError
from adreel.domain.films.images import ImageOrder, ImagePrompt
from adreel.domain.films.scene import ViewType
from adreel.domain.providers import JobStatus
from adreel.orchestrator.flows.build import FlowDependencies, let_agents_buy
from adreel.providers.replicate.client import Policy, open_client
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.services.storage.downloads import Downloader
from support.hosted import Shop
from support.replicate import StandIn, write_image
from support.sessions import check_books

MODELS = load_catalogue().images
FLUX = "black-forest-labs/flux-pro"
PROMPTS = tuple(ImagePrompt(view, f"A mug, {view} view", "text") for view in ViewType)


@pytest.fixture
async def engine(stand_in: StandIn) -> AsyncIterator[ReplicateImageEngine]:
    async with open_client("r8_secret", base_url=stand_in.api, policy=Policy(timeout=20, first_pause=0.01)) as client:
        downloader = Downloader(allowed_hosts=[stand_in.output_host])
        yield ReplicateImageEngine(client, MODELS, downloader.fetch, output_hosts=[stand_in.output_host])


@pytest.fixture
async def kit(shop: Shop) -> FlowDependencies:
    """What a program works with, and a session that it buys for."""
    await shop.sessions.create("ann", session_id="session", budget_cap=Decimal("0.30"))
    return shop.kit("a program")


def buying(kit: FlowDependencies, images: BatchImageGeneratorAgent | None = None) -> BatchImageGeneratorAgent:
    """The agent, by default the program's, that buys through the ledger."""
    agent = images or kit.images
    assert agent is not None
    let_agents_buy(replace(kit, images=agent))
    return agent


@pytest.fixture
def agent(kit: FlowDependencies) -> BatchImageGeneratorAgent:
    return buying(kit)


@pytest.fixture
def lone(kit: FlowDependencies, engine: ReplicateImageEngine) -> BatchImageGeneratorAgent:
    """An agent without fallbacks."""
    return buying(kit, BatchImageGeneratorAgent(MODELS, {"replicate": engine}, fallbacks=()))


@pytest.fixture
def order(tmp_path: Path) -> ImagesOrder:
    return ImagesOrder(PROMPTS, 100, tmp_path)


async def made(agent: BatchImageGeneratorAgent, order: ImagesOrder) -> AgentOutput[ImagesMade]:
    return await agent.process(AgentInput("session", order))


def bill(stand_in: StandIn) -> list[str]:
    return [entry["model"] for entry in stand_in.billing()["entries"]]


async def test_all_pictures_come_from_the_first_model_with_seeds_of_one_set(
    stand_in: StandIn, agent: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    output = await made(agent, order)
    assert output.data is not None
    assert (output.success, output.errors, output.data.failed) == (True, (), ())
    assert output.cost == Decimal("0.20") == Decimal(stand_in.billing()["total"])
    assert bill(stand_in) == [FLUX] * 4
    assert sorted(entry["seed"] for entry in stand_in.billing()["entries"]) == [100, 101, 102, 103]
    for image, view in zip(output.data.images, ViewType, strict=True):
        assert (image.view_type, image.model, image.path.suffix) == (view, "flux-pro", ".png")
        with Image.open(image.path) as picture:
            assert picture.size == (image.width, image.height) == (1024, 576)


async def test_a_picture_that_fails_is_made_by_the_next_model(
    stand_in: StandIn, agent: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    stand_in.fault("failed", model=FLUX, seed=101)
    stand_in.fault("failed", model="black-forest-labs/flux-1.1-pro", seed=101)
    output = await made(agent, order)
    assert output.data is not None
    assert [image.model for image in output.data.images] == ["flux-pro", "sdxl", "flux-pro", "flux-pro"]
    assert output.cost == Decimal(stand_in.billing()["total"])


async def test_what_cannot_be_made_is_reported_beside_what_was(
    stand_in: StandIn, lone: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    stand_in.fault("failed", model=FLUX, seed=102)
    output = await made(lone, order)
    assert output.success
    assert output.data is not None
    assert (len(output.data.images), output.data.failed) == (3, (2,))
    (error,) = output.errors
    assert isinstance(error, RefusedError)
    assert "rejects its content" in str(error)
    assert "change the prompt or the model" in str(error)


async def test_a_broken_picture_is_not_kept(
    stand_in: StandIn, lone: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    stand_in.fault("corrupt", model=FLUX)
    one = replace(order, prompts=PROMPTS[:1])
    output = await made(lone, one)
    assert (output.success, output.data, output.cost) == (False, None, Decimal("0.05"))
    assert "flux-pro: the picture" in str(output.errors[0])


async def test_an_order_whose_answer_was_lost_is_found_and_not_placed_again(
    stand_in: StandIn, agent: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    stand_in.fault("drop_accepted", model=FLUX, seed=100)
    output = await made(agent, order)
    assert output.success
    assert bill(stand_in) == [FLUX] * 4
    assert output.cost == Decimal(stand_in.billing()["total"])


async def test_own_photos_go_along_with_models_that_take_them_and_only_such_stand_in(
    stand_in: StandIn, agent: BatchImageGeneratorAgent, order: ImagesOrder, tmp_path: Path
) -> None:
    photo = write_image(tmp_path / "mug.png", (200, 40, 40), (640, 360))
    stand_in.fault("failed", model="google/nano-banana")
    anchored = replace(order, prompts=PROMPTS[:2], model_name="nano-banana", anchors=(photo,))
    output = await made(agent, anchored)
    assert output.data is not None
    assert len(output.data.images) == 1
    assert bill(stand_in) == ["google/nano-banana"] * 2
    # The stand-in paints the upper half in the colour of the picture that it was given.
    with Image.open(output.data.images[0].path) as picture:
        assert picture.convert("RGB").getpixel((10, 10)) == pytest.approx((200, 40, 40), abs=3)


async def test_a_photo_is_sent_upright_as_a_jpeg_without_its_camera_data(
    engine: ReplicateImageEngine, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    photo = tmp_path / "mug.png"
    Image.new("RGB", (640, 360), (200, 40, 40)).save(photo, exif=exif.tobytes())
    job = await engine.submit(ImageOrder("nano-banana", "A mug", "", 1, 2, "16:9", (photo,)))
    given = cast("list[str]", (await engine._client.get(job.id)).input["image_input"])
    head, _, content = given[0].partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(BytesIO(b64decode(content))) as sent:
        assert (sent.format, sent.size, len(sent.getexif())) == ("JPEG", (360, 640), 0)


async def test_models_that_are_not_there_are_named(agent: BatchImageGeneratorAgent, order: ImagesOrder) -> None:
    output = await made(agent, replace(order, model_name="dall-e"))
    assert "no image model is called 'dall-e'" in str(output.errors[0])
    with pytest.raises(InputError, match="its provider is not set up"):
        BatchImageGeneratorAgent(MODELS, {}).chain("flux-pro")


async def test_images_are_in_the_ledger_and_a_repeated_order_buys_none_again(
    stand_in: StandIn, shop: Shop, agent: BatchImageGeneratorAgent, order: ImagesOrder, tmp_path: Path
) -> None:
    two = replace(order, prompts=PROMPTS[:2])
    stand_in.fault("failed", model=FLUX, seed=101)
    first = await made(agent, two)
    assert first.data is not None
    assert [image.model for image in first.data.images] == ["flux-pro", "flux-1.1-pro"]
    elsewhere = tmp_path / "again"
    elsewhere.mkdir()
    again = await made(agent, replace(two, folder=elsewhere))
    assert again.data is not None
    assert [image.path.read_bytes() for image in again.data.images] == [
        image.path.read_bytes() for image in first.data.images
    ]
    found = await shop.ledger.calls_at("replicate", shop.clock() - timedelta(days=1))
    assert {(call.kind, call.outside_job) for call in found} == {(PurchaseKind.IMAGE, True)}
    assert sorted(call.state for call in found) == [CallState.LOST, CallState.PAID, CallState.PAID]
    assert sum(call.amount for call in found) == first.cost == Decimal(stand_in.billing()["total"])
    await check_books(shop.database)


async def test_the_budget_of_the_session_stops_purchases(
    stand_in: StandIn, shop: Shop, agent: BatchImageGeneratorAgent, order: ImagesOrder
) -> None:
    await shop.sessions.create("ann", session_id="poor", budget_cap=Decimal("0.12"))
    output = await agent.process(AgentInput("poor", order))
    assert output.data is not None
    assert len(output.data.images) == len(bill(stand_in)) == 2
    assert [type(error) for error in output.errors] == [BudgetError, BudgetError]


@pytest.mark.parametrize("seconds", [-7200, 420, 7200])
async def test_a_picture_whose_answer_was_lost_is_found_whatever_the_time_there(
    stand_in: StandIn, agent: BatchImageGeneratorAgent, order: ImagesOrder, seconds: int
) -> None:
    stand_in.skew(seconds)
    stand_in.fault("drop_accepted")
    output = await made(agent, replace(order, prompts=PROMPTS[:1]))
    assert output.data is not None
    assert len(bill(stand_in)) == 1


@pytest.mark.parametrize("model", list(MODELS))
async def test_each_model_of_the_catalogue_makes_a_picture_that_is_found_by_its_marker(
    stand_in: StandIn, engine: ReplicateImageEngine, model: str, tmp_path: Path
) -> None:
    await engine.check(model)
    wanted = ImageOrder(model, "A mug", "text", 7, 123456, "9:16")
    placed = await engine.submit(wanted)
    since = datetime.now(UTC) - timedelta(minutes=1)
    found = (await engine.search(123456, since)).job
    assert found is not None
    assert found.id == placed.id
    assert (await engine.search(7, since)).job is None
    stand_in.advance(60)
    ended = await engine.poll(placed.id)
    assert ended.status is JobStatus.SUCCEEDED
    assert ended.seed == 123456
    assert engine.price(wanted) == Decimal(stand_in.billing()["total"])
    await engine.fetch(ended.outputs[0], tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width > 200


async def test_an_order_that_may_have_been_accepted_says_so(stand_in: StandIn, engine: ReplicateImageEngine) -> None:
    stand_in.fault("server_error_accepted")
    with pytest.raises(AmbiguousSubmitError):
        await engine.submit(ImageOrder("flux-pro", "A mug", "", 7, 9))
    assert (await engine.search(9, datetime.now(UTC))).job is not None


@pytest.mark.parametrize(("field", "value"), [("seed", -1), ("marker", 2**32), ("aspect", "wide"), ("model", "x")])
def test_impossible_orders_cost_nothing(engine: ReplicateImageEngine, field: str, value: object) -> None:
    with pytest.raises(InputError):
        engine.price(replace(ImageOrder("flux-pro", "A mug", "", 7, 9), **{field: value}))
