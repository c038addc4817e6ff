"""The start page: films are found, copied and told apart; what is missing is said in words."""

from __future__ import annotations

import pytest

from support.api import Api, photo
from support.films import film_of


async def text_of(api: Api, path: str) -> str:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_films_are_found_by_their_words_in_any_case(api: Api) -> None:
    mug, watch = (
        await api.new_session(product_prompt="Stoneware mug 100%"),
        await api.new_session(product_prompt="Watch"),
    )
    found = await text_of(api, "/?q=MUG+stone")
    assert f'data-film="{mug}"' in found
    assert f'data-film="{watch}"' not in found
    assert "Films with “MUG stone”" in found
    assert f'data-film="{mug}"' in await text_of(api, "/?q=100%25")
    assert "No film has these words." in await text_of(api, "/?q=%25%25")


async def test_films_are_found_by_the_texts_of_their_cards(api: Api) -> None:
    session_id, clips = await api.with_clips()
    overlay = {"product_name": "Morgen", "cta": "Bestell jetzt"}
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    body = {"session_id": session_id, "text_overlay": overlay}
    assert (await api.http.post("/api/compose-final-video", json=body)).status_code == 200
    assert f'data-film="{session_id}"' in await text_of(api, "/?q=bestell")


async def test_a_film_is_called_and_found_by_the_name_that_it_is_given(api: Api) -> None:
    session_id = await api.new_session(product_prompt="a mug")
    assert (await api.http.patch(f"/api/sessions/{session_id}", json={"name": "Spring"})).status_code == 200
    page = await text_of(api, "/?q=spring")
    assert '<span class="film-name">Spring</span>' in page
    assert 'aria-label="Rename Spring"' in page
    assert "<title>Spring · adreel</title>" in await text_of(api, f"/s/{session_id}/images")


async def test_a_film_is_copied_with_its_photos_its_choice_and_its_words(api: Api) -> None:
    session_id = await api.new_session(product_prompt="a mug", video_prompt="calm")
    images = [each["id"] for each in (await api.upload(session_id, photo(1), photo(2))).json()["images"]]
    body = {"session_id": session_id, "approved_image_ids": images[::-1]}
    assert (await api.http.post("/api/save-approved-images", json=body)).status_code == 200
    made = (await api.http.post(f"/api/sessions/{session_id}/copy")).json()
    assert made["id"] != session_id
    assert (made["product_prompt"], made["video_prompt"]) == ("a mug", "calm")
    copies = [each["id"] for each in made["generated_images"]]
    assert made["approved_images"] == copies[::-1]
    assert not set(copies) & set(images)
    assert (await api.http.delete(f"/api/sessions/{session_id}")).status_code == 204
    sizes = [len((await api.http.get(each["url"])).content) for each in made["generated_images"]]
    assert sizes == [len(photo(1)), len(photo(2))]


async def test_what_has_no_images_is_not_copied(api: Api) -> None:
    empty = await api.new_session()
    assert (await api.http.post(f"/api/sessions/{empty}/copy")).status_code == 409
    assert (await api.http.post("/api/sessions/none/copy")).status_code == 404
    assert (await text_of(api, "/")).count("data-film=") == 1


async def test_the_start_page_plays_a_finished_example(api: Api) -> None:
    assert 'src="/example.mp4"' in await text_of(api, "/")
    part = await api.http.get("/example.mp4", headers={"range": "bytes=0-99"})
    assert (part.status_code, part.headers["content-type"]) == (206, "video/mp4")
    assert part.content[4:8] == b"ftyp"


async def test_without_a_provider_the_page_says_in_words_what_is_missing(api: Api) -> None:
    start, settings = await text_of(api, "/"), await text_of(api, "/settings")
    assert "ADREEL_" not in start
    assert "once an account at Replicate is set up" in start
    assert 'href="/settings#models"' in start
    assert "<code>ADREEL_REPLICATE_API_TOKEN</code>" in settings
    session_id, _ = await api.with_images()
    assert "ADREEL_" not in await text_of(api, f"/s/{session_id}/clips")


async def test_films_of_the_same_words_are_told_apart(api: Api) -> None:
    session_id, clips = await api.with_clips()
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    for number in (1, 2):
        await film_of(api, session_id, clips, number, "Order yours")
    await film_of(api, session_id, clips, 3, "Another")
    assert "Crossfade, chill music" in await text_of(api, f"/s/{session_id}/result")


@pytest.mark.parametrize("path", ["/?q=%00", "/?q=" + "x" * 101])
async def test_what_cannot_be_searched_for_is_refused_on_a_page(api: Api, path: str) -> None:
    answer = await api.http.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"].startswith("text/html")


async def test_settings_list_webhooks_and_what_can_be_done_with_them(api: Api) -> None:
    assert "No webhooks yet." in await text_of(api, "/settings")
    made = await api.http.post("/api/account/webhooks", json={"url": "https://shop.example.com/hooks"})
    assert made.status_code == 201, made.text
    settings = await text_of(api, "/settings")
    assert "https://shop.example.com/hooks" in settings
    assert f'data-test-webhook="{made.json()["id"]}"' in settings
    assert made.json()["secret"] not in settings
