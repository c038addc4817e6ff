"""What the clips and finish screens begin with: the choices of last time, and what the film will have."""

from __future__ import annotations

import re
from dataclasses import replace

from support.api import Api, clip_of
from support.sessions import DETAILS


async def text_of(api: Api, path: str) -> str:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def approved(api: Api, count: int = 2) -> tuple[str, list[str]]:
    session_id, clips = await api.with_clips(count)
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    return session_id, clips


async def test_clips_are_made_again_as_long_and_in_the_format_of_the_last(api: Api) -> None:
    session_id, _ = await api.with_clips(1)
    segment = replace(DETAILS.segment, frames=150, width=1080, height=1920)
    long = replace(clip_of(session_id, None, 7), details=replace(DETAILS, clip_frames=150, segment=segment))
    await api.services.sessions.add_made(session_id, long)
    page = await text_of(api, f"/s/{session_id}/clips")
    assert re.search(r'<option value="5" selected>', page)
    assert "<option selected>9:16</option>" in page
    assert 'data-shape="9:16"' in page


async def test_images_without_a_clip_are_named(api: Api) -> None:
    session_id, _ = await api.with_clips(1)
    assert 'id="without"' not in await text_of(api, f"/s/{session_id}/clips")
    other, images = await api.with_images(2)
    await api.services.sessions.add_made(other, clip_of(other, images[0], 1))
    assert "There is no clip of Photo 2 yet." in await text_of(api, f"/s/{other}/clips")


async def test_images_are_shown_in_the_order_of_the_film(api: Api) -> None:
    session_id, images = await api.with_images(3)
    body = {"session_id": session_id, "approved_image_ids": [images[2], images[0]]}
    assert (await api.http.post("/api/save-approved-images", json=body)).status_code == 200
    shown = re.findall(r'data-image-id="(\w+)"', await text_of(api, f"/s/{session_id}/images"))
    assert shown == [images[2], images[0], images[1]]


async def test_the_finish_screen_shows_the_products_colour_and_plays_the_matched_music(api: Api) -> None:
    session_id, _ = await approved(api)
    page = await text_of(api, f"/s/{session_id}/finish")
    assert re.search(r'data-product="#[0-9a-fA-F]{6}"', page)
    assert "Matched to the scene: upbeat" in page
    assert 'data-hear="upbeat" data-matched' in page


async def test_a_drawn_clip_is_previewed_in_every_format(api: Api) -> None:
    session_id, (clip, *_) = await approved(api, 1)
    answer = await api.http.get(f"/s/{session_id}/preview/{clip}?aspect=9:16", headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["content-type"]) == (206, "video/mp4")
    for path in (f"/s/{session_id}/preview/{clip}?aspect=2:1", f"/s/{session_id}/preview/none?aspect=9:16"):
        assert (await api.http.get(path)).status_code == 404


async def test_a_clip_of_a_hosted_model_is_not_drawn(api: Api) -> None:
    session_id, _ = await approved(api, 1)
    hosted = await api.services.sessions.add_made(session_id, replace(clip_of(session_id, None, 8), model="wan"))
    assert (await api.http.get(f"/s/{session_id}/preview/{hosted.id}?aspect=9:16")).status_code == 404
    assert re.search(r'data-drawn="yes"', await text_of(api, f"/s/{session_id}/finish"))
