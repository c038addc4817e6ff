"""Language models over HTTP, at the stand-in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adreel.agents.base import AgentInput
from adreel.agents.prompt_parser import ProductPrompt, PromptParserAgent
from adreel.catalogue.loader import load_catalogue
from adreel.domain.scene import ApprovedImage, CameraMovement, ViewType
from adreel.providers.llm.fallback import FallbackModels, models_in_order
from adreel.providers.llm.scene_director import LlmScenePlanner
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.writer import streamed
from adreel.providers.rules import RuleScenePlanner
from support_replicate import StandIn

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


@pytest.fixture
def models(client: ReplicateClient) -> FallbackModels:
    return FallbackModels(models_in_order(load_catalogue().texts), streamed(client))


def bought(stand_in: StandIn) -> list[str]:
    return [entry["model"] for entry in stand_in.billing()["entries"]]


async def test_scenes_are_read_from_a_streamed_answer_with_prose_and_fences(
    stand_in: StandIn, models: FallbackModels
) -> None:
    stand_in.rules(texts=[f"Here are {{two}} scenes:\n\n```json\n{json.dumps(SCENES, indent=1)}\n```\nEnjoy!"])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "A calm morning.")
    assert directed.warning is None
    assert [scene.scene_prompt for scene in directed.scenes] == [
        "Steam rises from the front.",
        "Steam rises from the detail.",
    ]
    assert {scene.camera_movement for scene in directed.scenes} == {CameraMovement.ARC_LEFT}
    assert len(stand_in.requests("stream")) == 1
    (entry,) = stand_in.billing()["entries"]
    assert entry["model"] == "meta/meta-llama-3-70b-instruct"
    assert (entry["input"]["max_tokens"], entry["input"]["temperature"]) == (1500, 0.7)
    assert "A calm morning." in entry["input"]["prompt"]


async def test_the_repair_round_is_one_more_call(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.rules(texts=["I would love to help!", json.dumps(SCENES)])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.warning is None
    assert len(bought(stand_in)) == 2


async def test_rules_plan_when_no_answer_is_of_use(stand_in: StandIn, models: FallbackModels) -> None:
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.planner == "rules"
    assert len(directed.scenes) == 2
    assert len(bought(stand_in)) == 2


async def test_a_model_that_is_gone_or_fails_gives_way_to_the_next(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.forget_model("meta/meta-llama-3-70b-instruct")
    stand_in.fault("failed", model="meta/llama-4-maverick-instruct", text="out of memory")
    stand_in.rules(texts=["lost with the failed model", json.dumps(SCENES)])
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.warning is None
    assert bought(stand_in) == ["meta/llama-4-maverick-instruct", "meta/meta-llama-3.1-405b-instruct"]


async def test_a_stream_that_breaks_loses_nothing(stand_in: StandIn, models: FallbackModels) -> None:
    stand_in.rules(texts=[json.dumps(SCENES)])
    stand_in.fault("drop", on="stream", times=10)
    directed = await LlmScenePlanner(models, RuleScenePlanner()).direct(IMAGES, "calm")
    assert directed.warning is None
    assert len(bought(stand_in)) == 1


async def test_a_model_without_a_system_field_gets_our_part_first(stand_in: StandIn, client: ReplicateClient) -> None:
    stand_in.rules(texts=[json.dumps(PROMPTS)])
    maverick = FallbackModels(models_in_order(load_catalogue().texts, ["llama-4-maverick"]), streamed(client))
    output = await PromptParserAgent(maverick).process(AgentInput("s", ProductPrompt("a mug")))
    assert output.data is not None
    assert output.data.warning is None
    assert [prompt.prompt for prompt in output.data.prompts] == [f"A mug, {view}." for view in VIEWS]
    (entry,) = stand_in.billing()["entries"]
    assert entry["input"]["prompt"].startswith("You are the art director")
