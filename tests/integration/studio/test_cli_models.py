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

[models.nano-banana]
unusable = "its licence forbids advertisements"
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
    assert found["NAME"] == ["KIND", "PRICE", "SEEN", "STATUS", "SECONDS", "MAKES", "PROVIDER", "HERE"]
    local = ["video", "0.00", "/", "clip", "2026-11-30", "current", "0.5", "to", "30", "1080p", "local", "usable"]
    assert found["local"] == local
    assert found["kling-v2.5-turbo-pro"][1:4] == ["0.07", "/", "second"]
    assert found["runway-gen2"][1:4] == ["0.05", "/", "second"]
    assert (found["stable-video-diffusion"][1], found["stable-video-diffusion"][5]) == ("~0.80", "legacy")
    assert found["veo-3.1-fast"][9:11] == ["1080p", "16:9,9:16"]
    assert found["flux-pro"][-2:] == ["set", "ADREEL_REPLICATE_API_TOKEN"]
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
    listing = rows(models())
    assert listing["my-model"][0] == "*"
    assert " ".join(listing["nano-banana"]).endswith("not usable: its licence forbids advertisements")
    assert [(found[name]["source"], found[name]["seen_on"]) for name in ("my-model", "sdxl")] == [
        ("own file", None)
    ] * 2
    assert found["sdxl"]["price_is_estimate"] is False
    assert found["flux-pro"]["seen_on"] == "2026-11-30"


def test_every_price_has_a_source_and_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADREEL_MODELS", raising=False)
    found = rows(models("--sources"))
    assert found["NAME"] == ["PRICE", "SEEN", "SOURCE"]
    assert found["wan-2.2-i2v-fast"][0] == "2026-10-06"
    assert " ".join(found["wan-2.2-i2v-fast"][1:]) == "Replicate model page, mirror"
    assert all(len(row) > 1 for name, row in found.items() if name != "NAME")
