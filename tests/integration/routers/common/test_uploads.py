from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adreel.domain.errors import StorageError
from adreel.domain.sessions.session import Asset
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.readers import IsolatedReader
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from support.api import LOCAL_OPTIONS, Api, Backend, opened_api, photo, with_services
from support.fuzz import broken_avif
from support.photo_files import jpeg_cut_short


def files_of(api: Api) -> list[Path]:
    return [path for path in (api.backend.folder / "storage").rglob("*") if path.is_file()]


async def test_photos_become_images_with_views_in_turn(api: Api) -> None:
    session_id = await api.new_session()
    first = (await api.upload(session_id, *[photo(seed) for seed in range(3)])).json()["images"]
    second = (await api.upload(session_id, photo(8), photo(9))).json()["images"]
    assert [image["view_type"] for image in first + second] == ["front", "detail", "angle", "lifestyle", "front"]
    assert set(first[0]) == {"id", "url", "view_type", "note"}
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert session["stage"] == "image_selection"
    assert [image["id"] for image in session["generated_images"]] == [image["id"] for image in first + second]


async def test_views_can_be_said(api: Api) -> None:
    session_id = await api.new_session()
    images = (await api.upload(session_id, photo(0), photo(1), view_types="lifestyle, angle")).json()["images"]
    assert [image["view_type"] for image in images] == ["lifestyle", "angle"]


async def test_a_single_photo_can_be_shown_in_every_framing(api: Api) -> None:
    session_id = await api.new_session()
    first = (await api.upload(session_id, photo(0), framings="true")).json()["images"]
    again = (await api.upload(session_id, photo(0), framings="true")).json()["images"]
    assert [image["view_type"] for image in first] == ["front", "detail", "angle", "lifestyle"]
    assert [image["id"] for image in again] == [image["id"] for image in first]
    for image in first:
        assert (await api.http.get(image["url"])).content == photo(0)


async def test_a_photo_that_is_there_as_a_framing_is_an_image_of_its_own(api: Api) -> None:
    session_id = await api.new_session()
    framed = (await api.upload(session_id, photo(0), framings="true")).json()["images"]
    [plain] = (await api.upload(session_id, photo(0))).json()["images"]
    assert plain["id"] not in {image["id"] for image in framed}
    answer = await api.http.get(plain["url"])
    assert (answer.content, answer.headers["content-type"]) == (photo(0), "image/jpeg")


@pytest.mark.parametrize("more", [{}, {"framings": "true"}])
async def test_a_photo_that_lacks_its_last_bytes_is_taken_with_a_note(api: Api, more: dict[str, str]) -> None:
    session_id = await api.new_session()
    [first, *_] = (await api.upload(session_id, jpeg_cut_short(), **more)).json()["images"]
    whole = (await api.upload(session_id, photo(1))).json()["images"][0]
    assert first["note"].startswith("photo 0.jpg is cut short: its last ")
    assert whole["note"] == ""
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert {image["note"] for image in session["generated_images"]} == {first["note"], ""}


async def test_a_photo_is_named_by_number_and_one_in_four_framings_by_these(api: Api) -> None:
    session_id = await api.new_session()
    await api.upload(session_id, photo(0), framings="true")
    await api.upload(session_id, photo(1))
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert [image["name"] for image in session["generated_images"]] == [
        "Photo 1, whole",
        "Photo 1, close-up",
        "Photo 1, from an angle",
        "Photo 1, wide",
        "Photo 2",
    ]


@pytest.mark.parametrize(("count", "more"), [(2, {"framings": "true"}), (1, {"framings": "yes"})])
async def test_framings_of_several_photos_or_in_other_words_are_refused(
    api: Api, count: int, more: dict[str, str]
) -> None:
    answer = await api.upload(await api.new_session(), *[photo(seed) for seed in range(count)], **more)
    assert answer.status_code == 422
    assert "framings" in answer.json()["detail"]


@pytest.mark.parametrize("views", ["sideways", "front,front,front"])
async def test_views_that_do_not_fit_are_refused(api: Api, views: str) -> None:
    answer = await api.upload(await api.new_session(), photo(), view_types=views)
    assert answer.status_code == 422
    assert "view type" in answer.json()["detail"]


async def test_the_same_photo_twice_is_one_image(api: Api) -> None:
    session_id = await api.new_session()
    first = (await api.upload(session_id, photo(0), photo(0))).json()["images"]
    second = (await api.upload(session_id, photo(0), photo(1))).json()["images"]
    assert len(first) == 1
    assert [image["id"] == first[0]["id"] for image in second] == [True, False]
    assert len(files_of(api)) == 2


async def test_the_same_photo_from_two_requests_at_once_is_one_image(api: Api) -> None:
    session_id = await api.new_session()
    answers = await asyncio.gather(*[api.upload(session_id, photo(0)) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["images"][0]["id"] for answer in answers}) == 1
    assert len(files_of(api)) == 1


async def test_one_bad_photo_and_none_is_taken(api: Api) -> None:
    session_id = await api.new_session()
    answer = await api.upload(session_id, photo(0), b"not a photo at all", photo(1))
    assert answer.status_code == 422
    assert "photo 1.jpg" in answer.json()["detail"]
    assert str(api.backend.folder) not in answer.text
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"] == []
    assert files_of(api) == []


async def test_a_photo_that_is_damaged_further_in_is_refused(api: Api) -> None:
    whole = photo(3, side=600, quality=95)
    answer = await api.upload(await api.new_session(), whole[: len(whole) // 2])
    assert answer.status_code == 422
    assert "damaged" in answer.json()["detail"]


@pytest.mark.parametrize("part", ["header", "picture"])
async def test_a_decoder_that_fails_in_a_way_of_its_own_is_a_refusal(api: Api, part: str) -> None:
    answer = await api.upload(await api.new_session(), broken_avif(part))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "photo 0.jpg" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "suffix", "content_type"),
    [("PNG", ".png", "image/png"), ("WEBP", ".webp", "image/webp"), ("AVIF", ".avif", "image/avif")],
)
async def test_a_photo_is_kept_as_what_it_is_whatever_it_is_called(
    api: Api, kind: str, suffix: str, content_type: str
) -> None:
    answer = await api.upload(await api.new_session(), photo(1, kind))
    url = answer.json()["images"][0]["url"]
    assert suffix in url
    assert (await api.http.get(url)).headers["content-type"] == content_type


async def test_a_photo_comes_back_as_it_was_sent(api: Api) -> None:
    sent = photo(5)
    url = (await api.upload(await api.new_session(), sent)).json()["images"][0]["url"]
    assert (await api.http.get(url)).content == sent


async def test_a_wicked_file_name_is_only_a_name(api: Api) -> None:
    session_id = await api.new_session()
    files = [("files", ("../../etc/pass\u202ewd.jpg", photo(), "text/html"))]
    assert (await api.http.post(f"/api/sessions/{session_id}/images", files=files)).status_code == 200
    view = await api.services.sessions.view(session_id)
    assert view.assets[0].image_details.file_name == "passwd.jpg"
    assert view.assets[0].content_type == "image/jpeg"


async def test_what_is_no_form_of_photos_is_refused(api: Api) -> None:
    path = f"/api/sessions/{await api.new_session()}/images"
    assert (await api.http.post(path, json={"files": []})).status_code == 415
    assert (await api.http.post(path, files={"other": ("a.jpg", photo())})).status_code == 422
    assert (await api.http.post(path, files={"files": (None, "text")})).status_code == 422
    wrong = {"content-type": "multipart/form-data"}
    assert (await api.http.post(path, content=b"nothing", headers=wrong)).status_code == 400


async def test_too_many_and_too_large_photos_are_refused(backend: Backend) -> None:
    async with opened_api(backend, replace(LOCAL_OPTIONS, max_files=2, max_file=5000, max_upload=20_000)) as api:
        session_id = await api.new_session()
        assert (await api.upload(session_id, photo(0), photo(1), photo(2))).status_code == 400
        large = await api.upload(session_id, photo(0) + b"\0" * 5000)
        assert large.status_code == 413
        assert "photo 0.jpg" in large.json()["detail"]
        assert (await api.upload(session_id, b"\0" * 30_000)).status_code == 413


async def test_a_body_that_grows_over_the_limit_is_cut_off(backend: Backend) -> None:
    async def endless() -> object:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 1000

    async with opened_api(backend, replace(LOCAL_OPTIONS, max_body=5000, max_upload=9000)) as api:
        session_id = await api.new_session()
        form = {"content-type": "multipart/form-data; boundary=b"}
        for path, headers in (("/api/sessions/create", {}), (f"/api/sessions/{session_id}/images", form)):
            answer = await api.http.post(path, content=endless(), headers=headers)  # pyright: ignore[reportArgumentType]
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_is_read_for_a_session_that_is_not_there(api: Api) -> None:
    read = 0

    async def body() -> object:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b"x"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await api.http.post("/api/sessions/unknown/images", content=body(), headers=headers)  # pyright: ignore[reportArgumentType]
    assert answer.status_code == 404
    assert read <= 1


async def test_uploads_leave_nothing_in_the_work_folder(backend: Backend, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    async with opened_api(backend, replace(LOCAL_OPTIONS, work_folder=work)) as api:
        session_id = await api.new_session()
        await api.upload(session_id, photo(0))
        await api.upload(session_id, b"broken")
    assert list(work.iterdir()) == []


async def test_photos_whose_rows_were_committed_keep_their_files_when_the_answer_fails(backend: Backend) -> None:
    class Cut(SessionService):
        async def add_images(self, *given: Any, **more: Any) -> tuple[Asset, ...]:
            await super().add_images(*given, **more)
            raise StorageError("the line went dead after the commit")

    async with opened_api(with_services(backend, sessions=Cut(backend.database))) as api:
        session_id = await api.new_session()
        assert (await api.upload(session_id, photo(0))).status_code == 503
    async with opened_api(backend) as api:
        (image,) = (await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]
        assert (await api.http.get(image["url"])).content == photo(0)


async def test_photos_are_read_in_processes_within_what_memory_is_allowed(backend: Backend) -> None:
    """As the service runs: the refusal names the photo by the person's name, and no file of ours."""
    photos = PhotoService(IsolatedReader(MemoryBudget(80 * 2**20)))
    small, large = photo(1), photo(2, "PNG", side=3000)
    backend = with_services(backend, photos=photos)
    async with opened_api(backend) as api:
        session_id = await api.new_session()
        assert (await api.upload(session_id, small)).status_code == 200
        for refused, said in ((large, "MB is allowed"), (broken_avif(), "damaged or cut short")):
            answer = await api.upload(session_id, refused)
            assert answer.status_code == 422
            assert answer.json()["detail"].startswith("photo 0.jpg ")
            assert said in answer.json()["detail"]
            assert str(backend.folder) not in answer.text
    photos.close()
