"""Language models over HTTP, on the stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adreel.agents.agent import AgentInput
from adreel.agents.prompt_parser import ProductPrompt, PromptParserAgent
from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import TextModel
from adreel.domain.errors import GenerationError
from adreel.domain.films.scene import ApprovedImage, CameraMovement, ViewType
from adreel.domain.language_model import TextOrder, TextRequest
from adreel.domain.providers import JobStatus
from adreel.providers.planning.fallback import Ask, FallbackModels, models_in_order
from adreel.providers.planning.scene_director import LlmScenePlanner
from adreel.providers.planning.scene_rules import RuleScenePlanner
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.text import ReplicateTextEngine
from support.replicate import StandIn

IMAGES = [
    ApprovedImage("a", Path("a.png"), ViewType.FRONT),
    ApprovedImage("b", Path("b.png"), ViewType.DETAIL),
]
SCENES = {
    "scenes": [
        {
            "image_view": view,
            "scene_prompt": f"Steam rises\nfrom the {view}.",
            "camera_movement": "arc_left",
            "motion_intensity": 0.3,
        }
        for view in ("front", "detail")
    ]
}
VIEWS = ("front", "detail", "angle", "lifestyle")
PROMPTS = {
    "category": "mug",
    "style_keywords": ["rustic"],
    "image_prompts": [{"view_type": view, "prompt": f"A mug, {view}.", "negative_prompt": "text"} for view in VIEWS],
}


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[ReplicateClient]:
    policy = Policy(timeout=20, first_pause=0.01)
    async with open_client("r8_secret", base_url=stand_in.api, policy=policy) as opened:
        yield opened


def asking(client: ReplicateClient) -> Ask:
    """Asks the models of the catalogue, without a ledger."""
    engine = ReplicateTextEngine(client, load_catalogue().texts)

    async def ask(model: TextModel, request: TextRequest) -> str:
        await engine.check(model.name)
        job = await engine.submit(TextOrder(model.name, request, marker=7))
        while not job.status.is_final:
            await asyncio.sleep(0.02)
            job = await engine.poll(job.id)
        if job.status is not JobStatus.SUCCEEDED:
            raise GenerationError(f"{model.name}: {job.error}")
        return "".join(job.outputs)

    return ask


@pytest.fixture
def models(client: ReplicateClient) -> FallbackModels:
    return FallbackModels(models_in_order(load_catalogue().texts), asking(client))


def bought(stand_in: StandIn) -> list[str]:
    return [entry["model"] for entry in stand_in.billing()["entries"]]


async def test_scenes_are_read_from_an_answer_with_prose_and_fences(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.rules(texts=[f"Here are {{two}} scenes:\n\n```json\n{json.dumps(SCENES, indent=1)}\n```\nEnjoy!"])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "A calm morning.")
    assert directed.warning is None
    assert [scene.scene_prompt for scene in directed.scenes] == [
        "Steam rises from the front.",
        "Steam rises from the detail.",
    ]
    assert {scene.camera_movement for scene in directed.scenes} == {CameraMovement.ARC_LEFT}
    (entry,) = stand_in.billing()["entries"]
    assert entry["model"] == "meta/llama-4-maverick-instruct"
    assert (entry["input"]["max_tokens"], entry["input"]["temperature"]) == (1500, 0.7)
    assert entry["input"]["prompt"].startswith("You are the scene director")


async def test_the_repair_round_is_one_more_call(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.rules(texts=["I would love to help!", json.dumps(SCENES)])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.warning is None
    assert len(bought(stand_in)) == 2


async def test_rules_plan_when_no_answer_is_of_use(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.rules(plans=False)
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.planner == "rules"
    assert len(directed.scenes) == 2
    assert len(bought(stand_in)) == 2


async def test_a_model_that_is_gone_or_fails_gives_way_to_the_next(stand_in: StandIn, client: ReplicateClient) -> None:
    names = ["llama-3-70b", "llama-4-maverick", "gemini-2.5-flash"]
    models = FallbackModels(models_in_order(load_catalogue().texts, names), asking(client))
    stand_in.forget_model("meta/meta-llama-3-70b-instruct")
    stand_in.fault("failed", model="meta/llama-4-maverick-instruct", text="out of memory")
    stand_in.rules(texts=["lost with the failed model", json.dumps(SCENES)])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.warning is None
    assert bought(stand_in) == ["meta/llama-4-maverick-instruct", "google/gemini-2.5-flash"]
    (_, entry) = stand_in.billing()["entries"]
    assert entry["input"]["thinking_budget"] == 0


async def test_a_model_without_a_system_field_gets_our_part_first(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(texts=[json.dumps(PROMPTS)])
    maverick = FallbackModels(models_in_order(load_catalogue().texts, ["llama-4-maverick"]), asking(client))
    output = await PromptParserAgent(maverick).process(AgentInput("s", ProductPrompt("a mug")))
    assert output.data is not None
    assert output.data.warning is None
    assert [prompt.prompt for prompt in output.data.prompts] == [f"A mug, {view}." for view in VIEWS]
    (entry,) = stand_in.billing()["entries"]
    assert entry["input"]["prompt"].startswith("You are the art director")
