from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from adreel.agents.film_cards import card_of
from adreel.agents.options import NEUTRAL_COLOR, spec_of
from adreel.domain.films.color import Color
from adreel.domain.films.film_options import read_request
from adreel.domain.films.formats import ASPECTS, SAMPLE_RATE
from adreel.media.audio.loudness import measure_loudness, read_sound
from adreel.media.cards.card import CardKind, card_frames
from adreel.media.end_cards.photo import whole_photo
from adreel.media.photos.photo import Photo
from adreel.media.segments import decode
from adreel.media.yuv import i420_to_rgb
from adreel.orchestrator.film_brands import FilmBrands
from adreel.orchestrator.previews.card_previews import CardPreviews
from adreel.providers.local.photo.palette import brand_color
from adreel.services.storage_service import LocalFiles
from support.api import Api, Backend, log_in, opened_api, with_services
from support.db import counted

WARM_SECONDS = 0.3
"""What a card may take once fonts are read; the best of several tries, since the machine may be busy."""


def asked(**more: Any) -> dict[str, Any]:
    return {"kind": "intro", "text_overlay": {"product_name": "Morgen", "color": "#204060"}, **more}


async def preview(api: Api, session_id: str, **body: Any) -> httpx.Response:
    return await api.http.post(f"/api/sessions/{session_id}/card-preview", json=asked(**body))


def opened(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return Image.open(BytesIO(answer.content)).convert("RGB")


@pytest.mark.parametrize("kind", ["intro", "outro"])
async def test_it_is_the_card_that_the_film_gets(api: Api, kind: str) -> None:
    overlay = {"product_name": "Morgen", "cta": "Bestell → heute", "color": "#204060"}
    session_id = await api.new_session()
    shown = opened(await preview(api, session_id, kind=kind, text_overlay=overlay, aspect="4:5", width=540))
    options = replace(read_request({"text_overlay": overlay}), aspect="4:5")
    spec = card_of(CardKind(kind), spec_of(options, "", Color(0, 0, 0), ASPECTS))
    *_, last = card_frames(spec)
    film = Image.fromarray(i420_to_rgb(last)).resize((540, 675), Image.Resampling.BOX)
    assert shown.size == film.size
    assert np.abs(np.asarray(shown, np.int16) - np.asarray(film, np.int16)).max() < 12


@pytest.mark.parametrize(("aspect", "size"), [("16:9", (640, 360)), ("9:16", (640, 1138)), ("1:1", (640, 640))])
async def test_it_has_the_films_shape(api: Api, aspect: str, size: tuple[int, int]) -> None:
    answer = await preview(api, await api.new_session(), aspect=aspect)
    assert opened(answer).size == size
    assert answer.headers["etag"] == (await preview(api, await api.new_session(), aspect=aspect)).headers["etag"]


async def test_without_a_colour_it_has_the_one_that_composing_would_choose(backend: Backend) -> None:
    looked: list[Photo] = []

    def color_of(photo: Photo) -> Color:
        looked.append(photo)
        return Color(*(int(level) for level in photo.rgb[0, 0]))

    files = LocalFiles(backend.services.storage, backend.folder / "files")
    cards = CardPreviews(backend.services.sessions, files, backend.services.photos, color_of)
    async with opened_api(with_services(backend, cards=cards)) as api:
        empty = await api.new_session()
        plain = opened(await preview(api, empty, text_overlay={"product_name": "Morgen"}))
        assert near(plain, NEUTRAL_COLOR)
        session_id, clips = await api.with_clips(2)
        images = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]
        assert len(images) == 2
        order = {"session_id": session_id, "approved_clip_ids": clips, "clip_order": clips[::-1]}
        assert (await api.http.post("/api/save-approved-clips", json=order)).status_code == 200
        for _ in range(2):
            shown = opened(await preview(api, session_id, text_overlay={"product_name": "Morgen"}))
            assert near(shown, Color(47, 101, 90))
    assert len(looked) == 1


async def test_a_brand_ends_a_film_without_a_script_on_a_card_that_lasts_as_long_as_its_words_need(
    backend: Backend,
) -> None:
    services = backend.services
    files = LocalFiles(services.storage, backend.folder / "files")
    brands = FilmBrands(services.brands, services.user_files, files)
    cards = CardPreviews(services.sessions, files, services.photos, brand_color, whole_photo, brands)
    async with opened_api(with_services(backend, cards=cards)) as api:
        session_id, _ = await api.with_images(1)
        kit = {"name": "morgen", "color": "#204060", "cta": "Order yours", "address": "morgen.example"}
        assert (await api.http.post("/api/brands", json=kit)).status_code == 201
        words = {"kind": "outro", "text_overlay": {"cta": "Order yours"}}
        plain = await preview(api, session_id, **words)
        await api.http.patch(f"/api/sessions/{session_id}", json={"brand_kit": "morgen"})
        branded = await preview(api, session_id, **words)
        intro = await preview(api, session_id, text_overlay={"product_name": "Morgen"})
    assert (plain.headers["card-seconds"], float(branded.headers["card-seconds"]) > 1) == ("0", True)
    assert opened(branded).size == opened(plain).size
    assert near(opened(intro), Color(32, 64, 96))
    assert not near(opened(branded), Color(32, 64, 96))


def near(card: Image.Image, color: Color) -> bool:
    """Whether the middle of the card, above its words, has the colour."""
    found = card.getpixel((320, 90))
    assert isinstance(found, tuple)
    return all(abs(a - b) <= 4 for a, b in zip(found, (color.red, color.green, color.blue), strict=True))


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"product_name": "Morgen \U0001f9ff\U00012000"}, "U\\+12000"),
        ({"product_name": "茶 \U0002a6d6"}, "no available font shows .*U\\+2A6D6"),
        ({"product_name": "  "}, "text of the card is empty"),
        ({"cta": "Buy"}, "text of the card is empty"),
        ({"product_name": "Morgen", "font": "/etc/passwd"}, "no font is named"),
        ({"product_name": "Morgen", "font": "../x.ttf"}, "no font is named"),
        ({"product_name": "Morgen", "font": "Comic Nowhere"}, "no font is named"),
        ({"product_name": "x" * 201}, "200"),
        ({"product_name": "\u3164"}, "the card text would be invisible.*U\\+3164 is blank"),
        ({"product_name": "\uffa0 \u3164"}, "is blank"),
        ({"product_name": "\u200b\u2060"}, "text of the card is empty"),
    ],
)
async def test_what_cannot_be_shown_is_said(api: Api, overlay: dict[str, str], said: str) -> None:
    answer = await preview(api, await api.new_session(), text_overlay=overlay)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(answer.json()["detail"])


async def test_words_of_the_other_card_may_be_unfinished(api: Api) -> None:
    overlay = {"product_name": "Morgen", "cta": "\U00012000"}
    assert (await preview(api, await api.new_session(), text_overlay=overlay)).status_code == 200


@pytest.mark.parametrize("body", [{"width": 319}, {"width": 961}, {"aspect": "3:2"}, {"kind": "title"}, {"more": 1}])
async def test_only_sensible_sizes_are_drawn(api: Api, body: dict[str, Any]) -> None:
    assert (await preview(api, await api.new_session(), **body)).status_code == 422


async def test_it_is_drawn_fast_and_beside_everything_else(api: Api) -> None:
    session_id = await api.new_session()
    await preview(api, session_id)
    took: list[float] = []
    for number in range(5):
        began = time.perf_counter()
        await preview(api, session_id, text_overlay={"product_name": f"Morgen {number}", "color": "#204060"})
        took.append(time.perf_counter() - began)
    assert min(took) < WARM_SECONDS
    with counted(api.backend.database) as statements:
        await preview(api, session_id)
    assert len(statements) <= 3, statements


async def test_too_many_at_once_are_asked_to_come_back(api: Api) -> None:
    session_id = await api.new_session()
    answers = await asyncio.gather(*[preview(api, session_id) for _ in range(30)])
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 429}
    assert {answer.headers.get("retry-after") for answer in answers} == {None, "2"}
    assert (await preview(api, session_id)).status_code == 200


async def test_music_can_be_heard_before_it_is_chosen(api: Api, tmp_path: Path) -> None:
    answer = await api.http.get("/api/music/chill/preview")
    assert answer.headers["content-type"] == "audio/mp4"
    assert "max-age" in answer.headers["cache-control"]
    (tmp_path / "music.m4a").write_bytes(answer.content)
    sound = read_sound(tmp_path / "music.m4a")
    assert abs(len(sound) / SAMPLE_RATE - 12) < 0.1
    measured = measure_loudness(sound)
    assert abs(measured.integrated + 14) < 1
    assert measured.true_peak <= -1
    with decode.open_mp4(tmp_path / "music.m4a") as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]


async def test_music_is_composed_once_and_sent_in_parts(api: Api) -> None:
    whole = await api.http.get("/api/music/upbeat/preview")
    (kept,) = (api.backend.folder / "cache" / "sound").glob("*.m4a")
    inode = kept.stat().st_ino
    part = await api.http.get("/api/music/upbeat/preview", headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole.content[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"
    known = await api.http.get("/api/music/upbeat/preview", headers={"If-None-Match": whole.headers["etag"]})
    assert known.status_code == 304
    assert kept.stat().st_ino == inode


async def test_music_that_is_not_made_is_not_there(api: Api) -> None:
    answer = await api.http.get("/api/music/polka/preview")
    assert answer.status_code == 404
    assert "upbeat" in answer.json()["detail"]


async def test_previews_are_for_those_who_log_in(guarded: Api) -> None:
    assert (await guarded.http.get("/api/music/upbeat/preview")).status_code == 401
    guarded.http.headers.update(await log_in(guarded, "ada"))
    session_id = await guarded.new_session()
    bob = await log_in(guarded, "bob")
    path = f"/api/sessions/{session_id}/card-preview"
    assert (await guarded.http.post(path, json=asked(), headers=bob)).status_code == 404
