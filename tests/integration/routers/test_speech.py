"""Spoken lines over HTTP: any line, those of a script, recordings and pronunciations."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import wav_bytes
from support.api import Api

BEATS: list[dict[str, Any]] = [
    {
        "name": "hook",
        "shot": {"photo": 1},
        "words": [{"role": "headline", "text": "Morgen"}],
        "spoken": "Meet the Morgen.",
    },
    {"name": "look", "shot": {"photo": 2}, "words": []},
]
SCRIPT: dict[str, Any] = {"version": 1, "product": "Morgen", "beats": BEATS}


async def say(api: Api, text: str, **more: Any) -> Any:
    return await api.http.post("/api/say", json={"text": text, **more})


def seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as opened:
        assert (opened.getframerate(), opened.getnchannels()) == (48000, 1)
        return opened.getnframes() / 48000


async def test_a_line_is_spoken_with_the_pronunciations_that_apply(api: Api) -> None:
    plain = await say(api, "Meet the Morgen.")
    assert plain.status_code == 200, plain.text
    assert plain.headers["content-type"] == "audio/wav"
    assert 0.6 < seconds(plain.content) < 3
    assert (await say(api, "Meet the Morgen.")).headers["etag"] == plain.headers["etag"]
    kit = {"name": "morgen", "title": "Morgen", "pronunciations": {"Morgen": "more gun"}}
    assert (await api.http.post("/api/brands", json=kit)).status_code == 201
    by_kit = await say(api, "Meet the Morgen.", brand_kit="morgen")
    assert by_kit.content == (await say(api, "Meet the Morgen.", pronunciations={"MORGEN": "more gun"})).content
    assert by_kit.content != plain.content
    own = await say(api, "Meet the Morgen.", brand_kit="morgen", pronunciations={"morgen": "morning"})
    assert own.content not in (by_kit.content, plain.content)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"text": "Guten Morgen, das ist die Tasse für dich"}, "the offline voice speaks English only"),
        ({"text": "杯子很好"}, "script"),
        ({"text": "…"}, "there is nothing to say"),
        ({"text": "Hale", "pronunciations": {"Hale": "/ж/"}}, "does not know the sounds"),
        ({"text": "Hale", "pronunciations": {"Hale": "<b>"}}, "is no pronunciation of"),
        ({"text": "Hale", "brand_kit": "gone"}, "there is no brand kit"),
        ({"text": "Hale", "speed": 1.5}, "less than or equal to 1.15"),
        ({"text": "a" * 2000}, "at most"),
    ],
)
async def test_what_the_voice_cannot_speak_is_a_problem(api: Api, body: dict[str, Any], reason: str) -> None:
    answer = await api.http.post("/api/say", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert reason in answer.text


async def test_lines_of_a_script_are_heard_and_recorded(api: Api) -> None:
    session_id, _ = await api.with_images()
    lines = f"/api/sessions/{session_id}/script/lines"
    assert (await api.http.get(f"{lines}/hook")).status_code == 404
    await api.http.put(f"/api/sessions/{session_id}/script", json={"script": SCRIPT})
    heard = await api.http.get(f"{lines}/hook")
    assert heard.content == (await say(api, "Meet the Morgen.")).content
    assert (await api.http.get(f"{lines}/look")).status_code == 404
    own = await recording(api)
    assert own.status_code == 201, own.text
    assert (own.json()["kind"], own.json()["content_type"]) == ("recording", "audio/wav")
    beats = [{**BEATS[0], "recording": own.json()["id"]}, BEATS[1]]
    kept = await api.http.put(f"/api/sessions/{session_id}/script", json={"script": {**SCRIPT, "beats": beats}})
    assert kept.status_code == 200, kept.text
    recorded = await api.http.get(f"{lines}/hook")
    assert recorded.status_code == 200, recorded.text
    assert recorded.content != heard.content
    other = await recording(api, 0.15)
    talking = [beats[0], {**BEATS[1], "spoken": "Hello.", "recording": other.json()["id"]}]
    await api.http.put(f"/api/sessions/{session_id}/script", json={"script": {**SCRIPT, "beats": talking}})
    assert (await api.http.delete(f"/api/files/{other.json()['id']}")).status_code == 204
    assert (await api.http.get(f"{lines}/hook")).content == recorded.content
    assert (await api.http.get(f"{lines}/look")).status_code == 422
    wrong = [{**BEATS[0], "recording": "0" * 32}, BEATS[1]]
    refused = await api.http.put(f"/api/sessions/{session_id}/script", json={"script": {**SCRIPT, "beats": wrong}})
    assert refused.status_code == 422
    assert "there is no recording" in refused.json()["detail"]


async def recording(api: Api, gain: float = 0.2) -> Any:
    line = offline_voice().say("Meet the Morgen, my friends.").samples
    room = np.random.default_rng(1).normal(0, 2e-4, 20_000).astype(np.float32)
    sound = wav_bytes(np.clip(np.concatenate([room, line * gain, room]), -1, 1))
    return await api.http.post("/api/files", data={"kind": "recording"}, files={"file": ("own.wav", sound)})


async def test_a_clipped_recording_is_refused_by_its_name(api: Api, tmp_path: Path) -> None:
    answer = await recording(api, 60)
    assert answer.status_code == 422
    assert "the recording own.wav is clipped" in answer.json()["detail"]


async def test_a_kit_refuses_pronunciations_that_the_voice_cannot_say(api: Api) -> None:
    kit = {"name": "morgen", "pronunciations": {"Morgen": "мор"}}
    answer = await api.http.post("/api/brands", json=kit)
    assert answer.status_code == 422
    assert "is no pronunciation of 'Morgen'" in answer.json()["detail"]
    made = await api.http.post("/api/brands", json={"name": "morgen", "pronunciations": {"Morgen": "/mˈɔɹɡən/"}})
    assert made.json()["pronunciations"] == {"Morgen": "/mˈɔɹɡən/"}
    assert (await api.http.get("/api/brands/morgen")).json()["pronunciations"] == {"Morgen": "/mˈɔɹɡən/"}
