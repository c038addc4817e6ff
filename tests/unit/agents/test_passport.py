"""What a passport says of a film, and the files beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adreel.agents.bundle import beside_film, word_cues
from adreel.agents.passport import completed, voice_of
from adreel.agents.passport_page import passport_page
from adreel.domain.costs.ledger import CallState
from adreel.domain.films.film import AudioConfig, SpokenPart
from adreel.media.speech.voice import VOICE
from adreel.provenance.attestations import adcp_provenance, attestations
from adreel.provenance.history import FilmHistory
from support.passports import BOUGHT, DRAWN, NOW, call, shown, stored_passport


def passport(**changes: Any) -> dict[str, Any]:
    calls = [
        call("a", CallState.PAID, "0.25"),
        call("b", CallState.LOST, "0.10", None),
        call("c", CallState.RELEASED, "0.90"),
    ]
    return completed(stored_passport(**changes), "Morgen & Mug.mp4", calls)


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
    youtube = {"YouTube", "YouTube, uploaded by Google Ads"}
    assert set(values) == {"Google Ads", "Display & Video 360", "Taboola", "TikTok", "Meta", *youtube}
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


def test_a_film_that_a_model_and_a_person_speak_names_both() -> None:
    model, person = SpokenPart("Hello.", 0), SpokenPart("Hi.", 90, sound=Path("own.wav"))
    both = voice_of(AudioConfig(speech=(model, person)))
    assert both is not None
    assert (both["name"], both["sha256"]) == (f"{VOICE.name} and a person, recorded", VOICE.sha256)
    alone = voice_of(AudioConfig(speech=(person,)))
    assert alone is not None
    assert (alone["name"], "sha256" in alone) == ("a person, recorded", False)
    assert voice_of(AudioConfig()) is None
