from __future__ import annotations

from io import BytesIO

from PIL import Image

from adreel.services.sessions.examples import examples
from support.api import Api, log_in, photo


async def test_examples_have_words_and_small_pictures(guarded: Api) -> None:
    assert (await guarded.http.get("/api/examples")).status_code == 401
    listed = (await guarded.http.get("/api/examples", headers=await log_in(guarded, "ada"))).json()
    assert [each["name"] for each in listed] == ["mug", "perfume", "watch"]
    for each in listed:
        assert all(each[word] for word in ("title", "prompt", "product_name", "cta"))
        assert 2 <= len(each["photos"]) <= 3
        for shown in each["photos"]:
            # Nobody needs to log in for these: they are the project's own.
            answer = await guarded.http.get(shown["url"])
            assert answer.headers["content-type"] == "image/webp"
            assert max(Image.open(BytesIO(answer.content)).size) <= 480
            again = await guarded.http.get(shown["url"], headers={"If-None-Match": answer.headers["etag"]})
            assert again.status_code == 304


async def test_an_example_goes_into_a_session_like_an_upload(api: Api) -> None:
    session_id = await api.new_session()
    used = await api.http.post(f"/api/sessions/{session_id}/examples", json={"name": "mug"})
    assert used.status_code == 200
    images = used.json()["images"]
    assert [image["view_type"] for image in images] == ["front", "angle", "detail"]
    assert (await api.http.get(images[0]["url"])).headers["content-type"] == "image/jpeg"
    session = (await api.http.get(f"/api/sessions/{session_id}")).json()
    assert session["stage"] == "image_selection"
    assert [image["width"] for image in session["generated_images"]] == [1600, 1600, 1600]
    again = await api.http.post(f"/api/sessions/{session_id}/examples", json={"name": "mug"})
    assert again.json()["images"][0]["id"] == images[0]["id"]
    await api.upload(session_id, photo(3))
    assert len((await api.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]) == 4


async def test_what_is_no_example_is_not_there(api: Api) -> None:
    session_id = await api.new_session()
    path = f"/api/sessions/{session_id}/examples"
    assert (await api.http.post(path, json={"name": "boat"})).status_code == 404
    assert (await api.http.post(path, json={"name": "../mug"})).status_code == 422
    for wrong in ("/api/examples/mug/boat", "/api/examples/boat/mug-front"):
        assert (await api.http.get(wrong)).status_code == 404
    assert (await api.http.get("/api/examples/mug/..%2fexamples.toml")).status_code in (404, 422)


def test_the_photos_are_small_and_usable() -> None:
    photos = [each for example in examples() for each in example.photos]
    for each in photos:
        with Image.open(each.path) as image:
            assert image.format == "JPEG"
            assert 1000 <= max(image.size) <= 1600
        assert each.path.stat().st_size < 160_000
    assert {each.path.name for each in photos} == {path.name for path in photos[0].path.parent.glob("*.jpg")}
