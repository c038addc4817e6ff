from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adreel.domain.scripts.ad_format.reading import parse_ad, read_ad
from adreel.domain.scripts.ad_request import AdRequest
from adreel.providers.planning.script_rules import write_by_rules
from support.api import Api

BODY: dict[str, Any] = {
    "photos": 2,
    "product": "Morgen Mug",
    "facts": ["Hand-glazed stoneware", "Holds 350 ml"],
    "offer": {"price": "24.90", "was": "34.90", "currency": "EUR", "until": "2026-12-24"},
    "recipe": "launch",
}


async def test_a_script_is_written_as_data_and_as_a_file(api: Api) -> None:
    answer = await api.http.post("/api/write-script", json=BODY)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    ad = read_ad(body["script"])
    assert parse_ad(body["toml"]) == ad
    assert body["script"]["offer"]["price"] == "24.90"
    assert {beat.shot.photo for beat in ad.beats} == {1, 2}
    facts = tuple(BODY["facts"])
    same = write_by_rules(AdRequest(("1", "2"), "Morgen Mug", facts, ad.offer, recipe="launch"))
    assert ad.beats == same.beats
    assert ad.offer is not None
    assert ad.offer.price == Decimal("24.90")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cta": "Get 50 % off"}, "the call to action: 'Get 50 % off' claims"),
        ({"recipe": "quotes"}, "the recipe 'quotes' needs a fact in quotation marks"),
        ({"recipe": "lunch"}, "no recipe is called 'lunch'"),
        ({"seconds": 1.0}, "the film is to last 1 s"),
        ({"facts": ["a\u0000b"]}, "without control characters"),
        ({"product": "\ud800"}, "unicode string"),
        ({"offer": {"price": "5", "was": "4"}}, "the field 'was' must be above the price"),
        ({"offer": {"price": "cheap"}}, "price"),
        ({"fact": ["a"]}, "fact"),
        ({"photos": 0}, "photos"),
    ],
)
async def test_what_cannot_be_written_is_422_with_the_reason(api: Api, change: dict[str, Any], words: str) -> None:
    headers = {"content-type": "application/json"}
    answer = await api.http.post("/api/write-script", content=json.dumps({**BODY, **change}), headers=headers)
    assert answer.status_code == 422
    assert words in answer.text.replace('\\"', "'") or words in str(answer.json())
