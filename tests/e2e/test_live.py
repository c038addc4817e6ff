"""``make live``: refuses to spend unasked; what it does is shown at the stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from support import forked
from support.hosted_make import Shop
from support.replicate import StandIn

ROOT = Path(__file__).parents[2]
SMALL_LIVE = ROOT / "tests" / "support" / "small_live.py"
PLAN = {"category": "mug", "style_keywords": ["calm"]}
PROMPT = {"view_type": "front", "prompt": "A blue mug on a table by a window.", "negative_prompt": "text"}
SCENE = {
    "image_view": "front",
    "scene_prompt": "Steam rises from the mug in soft light.",
    "camera_movement": "push_in",
    "motion_intensity": 0.4,
}


@pytest.fixture
def shop(tmp_path: Path, stand_in: StandIn) -> Shop:
    return Shop(tmp_path, stand_in)


def live(shop: Shop, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**shop.environment, "PYTHONPATH": str(ROOT), **settings}
    given = {name: value for name, value in environment.items() if value}
    return forked.run([sys.executable, "-P", str(SMALL_LIVE), *args], cwd=shop.folder, env=given, timeout=240)


@pytest.mark.parametrize(
    ("args", "settings", "words"),
    [
        (("--max-spend", ""), {}, "make live MAX_SPEND=0.50"),
        (("--max-spend", "0.50"), {"ADREEL_REPLICATE_API_TOKEN": ""}, "set ADREEL_REPLICATE_API_TOKEN"),
    ],
)
def test_nothing_is_spent_without_a_token_and_a_limit(
    shop: Shop, args: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    ran = live(shop, *args, "--base-url", shop.stand_in.api, **settings)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert words in ran.stderr
    assert shop.bought() == []


def test_the_cheapest_whole_film_is_made_within_the_limit(shop: Shop) -> None:
    refused = live(shop, "--max-spend", "0.05", "--base-url", shop.stand_in.api)
    assert "only $0.05 of the film's budget of $0.05 is left; nothing was bought" in refused.stderr
    assert shop.bought() == []
    shop.stand_in.rules(texts=[json.dumps({**PLAN, "image_prompts": [PROMPT]}), json.dumps({"scenes": [SCENE]})])
    ran = live(shop, "--max-spend", "0.50", "--base-url", shop.stand_in.api)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert Counter(shop.bought()) == {
        "meta/llama-4-maverick-instruct": 2,
        "stability-ai/sdxl": 1,
        "wan-video/wan-2.2-i2v-fast": 1,
    }
    assert f"${shop.bill()} in all" in ran.stdout
    assert "ledger and provider: 4 calls, 4 agree" in ran.stdout
    assert "live: everything works" in ran.stdout
    assert (shop.folder / "out" / "live" / "film.mp4").exists()
