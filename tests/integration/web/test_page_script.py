"""The script screen, and what a script changes on the screens after it."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

from PIL import Image

from adreel.domain.ad import EndCard
from adreel.domain.scripts.ad_format.writing import to_document
from support.ads import MUG
from support.api import Api
from support.films import film_of

HOSTILE = "<script>alert(1)</script>"


async def text_of(api: Api, path: str) -> str:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def document(**changes: Any) -> dict[str, object]:
    return to_document(replace(MUG, photos=(), **changes))


async def scripted(api: Api) -> str:
    session_id, _ = await api.with_images(2)
    answer = await api.http.put(f"/api/sessions/{session_id}/script", json={"script": document()})
    assert answer.status_code == 200, answer.text
    return session_id


async def test_without_a_script_the_screen_asks_for_facts_and_the_step_can_be_skipped(api: Api) -> None:
    session_id, _ = await api.with_images(2)
    page = await text_of(api, f"/s/{session_id}/script")
    assert "What is true of the product?" in page
    assert "Go on without a script" in page
    assert (
        "Problem solution: a question, and the product as its answer, needs a fact that ends with a question mark"
        in page
    )
    assert "Write a script" in await text_of(api, f"/s/{session_id}/clips")


async def test_a_stored_script_is_shown_part_by_part(api: Api) -> None:
    page = await text_of(api, f"/s/{await scripted(api)}/script")
    assert page.count('class="beat"') == 4
    assert 'data-path="beats.1.words.0.text"' in page
    assert "beside <s>€34.90</s>" in page
    assert 'value="24.90"' in page
    assert 'data-path="beats.1.spoken"' in page
    assert page.count("data-say") == 1
    assert "data-finding" not in page


async def test_a_draft_is_drawn_with_its_findings_and_not_stored(api: Api) -> None:
    session_id = await scripted(api)
    draft = document(end=EndCard(f"The best {HOSTILE}"))
    answer = await api.http.post(f"/s/{session_id}/script", json={"script": draft})
    assert answer.status_code == 200, answer.text
    assert "None of your facts says" in answer.text
    assert HOSTILE not in answer.text
    assert "data-finding" not in await text_of(api, f"/s/{session_id}/script")
    broken = await api.http.post(f"/s/{session_id}/script", json={"script": {"version": 1}})
    assert (broken.status_code, "beats" in broken.json()["detail"]) == (422, True)


async def test_a_beat_and_the_end_card_are_drawn_with_their_words(api: Api) -> None:
    session_id = await scripted(api)
    small = {}
    for beat in (0, None):
        body = {"script": document(), "beat": beat, "aspect": "1:1"}
        answer = await api.http.post(f"/s/{session_id}/script/still", json=body)
        assert answer.status_code == 200, answer.text
        small[beat] = answer.content
        assert Image.open(BytesIO(answer.content)).size == (960, 960)
    body = {"script": document(product="Another"), "beat": None, "aspect": "1:1"}
    other = await api.http.post(f"/s/{session_id}/script/still", json=body)
    assert other.content != small[None]
    missing = await api.http.post(f"/s/{session_id}/script/still", json={"script": document(), "beat": 7})
    assert (missing.status_code, "no beat 8" in missing.json()["detail"]) == (422, True)
    assert (await api.http.post("/s/none/script/still", json={"script": document()})).status_code == 404


async def test_the_clips_screen_counts_the_clips_of_the_script(api: Api) -> None:
    page = await text_of(api, f"/s/{await scripted(api)}/clips")
    assert 'data-script-clips="3"' in page
    assert "Each part of the script becomes one clip." in page
    assert 'data-script-price="0.00"' in page
    assert "Length of each clip" not in page


async def test_the_finish_screen_leaves_the_words_to_the_script(api: Api) -> None:
    session_id, clips = await api.with_clips(2)
    await api.http.put(f"/api/sessions/{session_id}/script", json={"script": document()})
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    page = await text_of(api, f"/s/{session_id}/finish")
    assert "The script gives the film its words" in page
    # The film is called after its product; it is not asked again.
    assert '<input type="hidden" name="product_name" value="Morgen Mug">' in page
    assert 'id="product-name"' not in page
    # The script has a spoken line: the film can speak, and have captions in each of the styles.
    assert "Speak the lines of the script" in page
    assert [f'value="{each}"' in page for each in ("on", "file", "track", "both", "plate", "spoken")] == [True] * 6


async def test_a_finished_film_can_be_deleted(api: Api) -> None:
    session_id, clips = await api.with_clips(2)
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    film = await film_of(api, session_id, clips, 1, "Order")
    assert f'data-delete-film="{film}"' in await text_of(api, f"/s/{session_id}/result")
