"""What a passport says of a film, and the files beside it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adreel.agents.bundle import beside_film, word_cues
from adreel.agents.passport import completed
from adreel.agents.passport_page import passport_page
from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind
from adreel.domain.films.shown_words import ShownWords, to_plain
from adreel.domain.films.subject import FrameBox
from adreel.placements.checking import judgement_json
from adreel.placements.judge import judge
from adreel.placements.loader import load_placements
from adreel.provenance.attestations import adcp_provenance, attestations
from adreel.provenance.history import FilmHistory, Ingredient
from support.measured import GOOD

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BOUGHT = FilmHistory((Ingredient("clip 1", None, "replicate/wan"),))
DRAWN = FilmHistory((Ingredient("photo 1", None),), drawn=1)


def shown(text: str, first: int, last: int) -> ShownWords:
    return ShownWords("headline", text, FrameBox(1, 2, 3, 4), first, last, 40.0, ("Inter (Inter_700Bold.ttf)",))


def call(key: str, state: CallState, amount: str, provider_id: str | None = "p1") -> PaidCall:
    kind, paid = PurchaseKind.CLIP, Decimal(amount)
    facts = (key, "s", "ann", kind, "replicate", "wan", 1, state, paid, paid, provider_id, None)
    return PaidCall(*facts, created_at=NOW, posted_at=NOW, settled_at=NOW)


def passport(history: FilmHistory = BOUGHT, **changes: Any) -> dict[str, Any]:
    judgement = judge(GOOD, load_placements()["meta-reels"])
    stored = {
        "passport": 1,
        "film": {
            "sha256": "0" * 64,
            "bytes": 1_500_000,
            "width": 1920,
            "height": 1080,
            "frames": 90,
            "fps": 30,
            "seconds": 3.0,
            "placement": "meta-reels",
            "made_at": NOW.isoformat(),
            "made_with": "adreel",
        },
        "credentials": {"statement": ["It is <signed>."], "source_type": "composite", "xmp_source_type": "composite"},
        "provenance": adcp_provenance(history, NOW),
        "attestations": attestations(history),
        "verdict": {**judgement_json(judgement), "done": ["video at 20 kbit/s"], "left": []},
        "checks": [{"name": "frames", "passed": True, "detail": "90 of 90"}],
        "sources": {
            "parts": [],
            "fonts": [{"name": "<b>", "licence": "OFL"}],
            "music": None,
            "voice": None,
            "programs": [],
        },
        "words": to_plain((shown("Holds 350 ml", 5, 60),)),
    }
    calls = [
        call("a", CallState.PAID, "0.25"),
        call("b", CallState.LOST, "0.10", None),
        call("c", CallState.RELEASED, "0.90"),
    ]
    return completed({**stored, **changes}, "Morgen & Mug.mp4", calls)


def test_the_receipt_names_each_paid_call_and_their_sum() -> None:
    receipt = passport()["receipt"]
    assert receipt["total"] == "0.35"
    assert [(each["id"], each["amount"], each["result"]) for each in receipt["calls"]] == [
        ("p1", "0.25", "kept"),
        (None, "0.10", "lost"),
    ]


def test_the_page_shows_all_texts_as_text_and_loads_nothing() -> None:
    page = passport_page(passport())
    for part in ("Morgen &amp; Mug.mp4", "It is &lt;signed&gt;.", "&lt;b&gt;: OFL", "IS_SYNTHETIC", "0.35"):
        assert part in page
    assert "seen 2026-11" in page
    assert not re.search(r"<script|\bsrc=|\bhref=|@import|url\(", page)
    without = passport_page(passport(verdict=None, words=None, sources={**passport()["sources"], "fonts": None}))
    assert "made for no placement" in without


@pytest.mark.parametrize(
    ("history", "google", "tiktok", "source_type"),
    [
        (BOUGHT, "IS_SYNTHETIC", "SELF_DISCLOSURE", "composite_with_trained_algorithmic_media"),
        (DRAWN, "NOT_SYNTHETIC", "NOT_DECLARED", "digital_creation"),
    ],
)
def test_platforms_are_given_what_the_history_says(
    history: FilmHistory, google: str, tiktok: str, source_type: str
) -> None:
    values = {each["platform"]: each["value"] for each in attestations(history)}
    assert set(values) == {"Google Ads", "Display & Video 360", "Taboola", "TikTok", "Meta", "YouTube"}
    assert (values["Google Ads"], values["Display & Video 360"], values["TikTok"]) == (google, google, tiktok)
    assert all(each["source"] and each["seen_on"] for each in attestations(history))
    provenance = adcp_provenance(history, NOW)
    assert provenance["digital_source_type"] == source_type
    assert provenance["disclosure"]["required"] is bool(history.models)
    assert ("ai_tool" in provenance) is bool(history.models)


def test_words_become_captions_one_shot_after_the_other() -> None:
    words = (shown("Holds 350 ml", 5, 60), shown("Only $25", 9, 60), shown("Shop now", 50, 90))
    assert [(cue.first, cue.lines) for cue in word_cues(words)] == [
        (5, ("Holds 350 ml", "Only $25")),
        (50, ("Shop now",)),
    ]
    assert all(cue.last <= 50 for cue in word_cues(words)[:1])
    files = beside_film(passport())
    assert set(files) == {".passport.json", ".passport.html", ".srt", ".vtt"}
    assert "Holds 350 ml" in files[".srt"]
    assert json.loads(files[".passport.json"])["film"]["file"] == "Morgen & Mug.mp4"
    assert set(beside_film(passport(words=[]))) == {".passport.json", ".passport.html"}
