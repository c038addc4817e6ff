"""What the specification names: the orchestrator's agents, and the language model that is asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

from adreel.agents.compositor import CompositionLayer
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.bootstrap.service import open_service_context
from adreel.bootstrap.settings import Settings, read_settings
from support.replicate import StandIn

FIELDS = {
    "prompt": {"type": "string", "required": True},
    "system_prompt": {"type": "string"},
    "max_tokens": {"type": "integer"},
    "temperature": {"type": "number"},
}


def settings(data: Path, stand_in: StandIn | None = None) -> Settings:
    hosted = {} if stand_in is None else {"replicate_api_token": "r8", "replicate_base_url": stand_in.api}
    return read_settings(data_dir=data, **hosted)


async def llm_model(data: Path, stand_in: StandIn | None) -> str:
    async with open_service_context(settings(data, stand_in), with_worker=True) as context:
        generator = context.orchestrator.video_generator
        assert isinstance(generator, VideoGeneratorAgent)
        assert isinstance(context.orchestrator.compositor, CompositionLayer)
        return generator.llm_model


async def test_without_an_account_rules_plan(tmp_path: Path) -> None:
    assert await llm_model(tmp_path, None) == "rules"


async def test_the_specified_model_is_looked_up_and_nothing_is_bought(tmp_path: Path, stand_in: StandIn) -> None:
    assert await llm_model(tmp_path / "a", stand_in) == "llama-4-maverick"
    table = {"makes": "text", "price": "0.01", "fields": FIELDS}
    stand_in.learn_model("meta/meta-llama-3.1-70b-instruct", table)
    assert await llm_model(tmp_path / "b", stand_in) == "llama-3.1-70b"
    assert stand_in.billing()["count"] == 0


async def test_a_process_without_a_worker_has_no_agents(tmp_path: Path) -> None:
    async with open_service_context(settings(tmp_path), with_worker=False) as context:
        assert (context.orchestrator.video_generator, context.orchestrator.compositor) == (None, None)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REPLICATE_API_TOKEN", "REPLICATE_BASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(f"ADREEL_{name}", raising=False)
