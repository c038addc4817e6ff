"""``adreel models``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adreel.cli.main import app

OWN = """
[models.my-model]
kind = "video"
provider = "replicate"
title = "Mine"
reference = "me/mine"
image_field = "image"
prompt_field = "prompt"
duration = { field = "duration", choices = [5] }
min_seconds = 0.5
price_per_clip = "0.20"
licence = "mine"

[models.sdxl]
price_per_image = "0.02"
"""


def models(*args: str) -> str:
    result = CliRunner().invoke(app, ["models", *args])
    assert result.exit_code == 0, result.output
    return result.output


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line}


def test_every_model_has_its_price_and_says_whether_it_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADREEL_REPLICATE_API_TOKEN", raising=False)
    monkeypatch.delenv("ADREEL_MODELS", raising=False)
    found = rows(models())
    assert found["NAME"] == ["KIND", "PRICE", "SECONDS", "PROVIDER", "HERE"]
    assert found["local"] == ["video", "0.00", "/", "clip", "0.5", "to", "30", "local", "usable"]
    assert found["kling-v2.5-turbo-pro"][1:4] == ["0.07", "/", "second"]
    assert found["runway-gen2"][1] == "~1.50"
    assert found["flux-pro"][-2:] == ["set", "ADREEL_REPLICATE_API_TOKEN"]
    assert found["musicgen"][-3:] == ["not", "used", "yet"]
    monkeypatch.setenv("ADREEL_REPLICATE_API_TOKEN", "r8_secret")
    assert rows(models())["flux-pro"][-1] == "usable"


def test_own_models_are_listed_and_marked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    monkeypatch.setenv("ADREEL_MODELS", str(own))
    found = {model["name"]: model for model in json.loads(models("--json"))["models"]}
    assert (found["my-model"]["own"], found["my-model"]["price"], found["my-model"]["unit"]) == (True, "0.20", "clip")
    assert (found["my-model"]["min_seconds"], found["my-model"]["max_seconds"]) == (0.5, 5.0)
    assert (found["sdxl"]["own"], found["sdxl"]["price"]) == (True, "0.02")
    assert not found["flux-pro"]["own"]
    assert rows(models())["my-model"][0] == "*"
