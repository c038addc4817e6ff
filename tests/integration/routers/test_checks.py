from __future__ import annotations

import subprocess

import imageio_ffmpeg
import pytest

from support.api import Api, log_in


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    made = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=30:d=0.5", "-c:v", "libx264", "-preset", "ultrafast")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *made, str(path)], check=True, capture_output=True)
    return path.read_bytes()


async def test_a_film_of_any_maker_is_checked(api: Api, film: bytes) -> None:
    answer = await api.http.post(
        "/api/check",
        files={"file": ("../their ad.mp4", film, "video/mp4")},
        data={"placements": ["tiktok-in-feed,x", "youtube-bumper"]},
    )
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["film"], report["grade"], report["error"]) == ("their ad.mp4", "refused", None)
    assert report["measured"]["frames"] == 15
    assert [each["placement"] for each in report["placements"]] == ["tiktok-in-feed", "x", "youtube-bumper"]
    sound = next(rule for rule in report["placements"][0]["rules"] if rule["field"] == "has_audio")
    assert (sound["outcome"], sound["level"], sound["seen_on"]) == ("failed", "reject", "2026-11")
    assert "ads.tiktok.com" in sound["source"]
    assert report["placements"][0]["safe_zone"]["outcome"] == "not applicable"


async def test_a_file_that_is_no_film_is_unreadable(api: Api) -> None:
    files = {"file": ("a.mp4", b"no film", "video/mp4")}
    report = (await api.http.post("/api/check", files=files, data={"placements": "x"})).json()
    assert (report["grade"], report["measured"], report["placements"]) == ("unreadable", None, [])
    assert report["error"].startswith("a.mp4 ")


@pytest.mark.parametrize(
    ("data", "status", "why"),
    [({}, 422, "name a placement"), ({"placements": "tv"}, 422, "'tv'"), ({"placement": "x"}, 422, "unknown fields")],
)
async def test_a_form_that_cannot_be_used_is_refused(
    api: Api, film: bytes, data: dict[str, str], status: int, why: str
) -> None:
    answer = await api.http.post("/api/check", files={"file": ("a.mp4", film, "video/mp4")}, data=data)
    assert answer.status_code == status
    assert why in answer.json()["detail"]


async def test_other_bodies_are_refused(api: Api) -> None:
    assert (await api.http.post("/api/check", json={"placements": ["x"]})).status_code == 415
    answer = await api.http.post("/api/check", files={"placements": (None, "x")})
    assert answer.status_code == 422
    assert "no film in the form" in answer.json()["detail"]


async def test_only_users_check_films(guarded: Api, film: bytes) -> None:
    files = {"file": ("a.mp4", film, "video/mp4")}
    assert (await guarded.http.post("/api/check", files=files, data={"placements": "x"})).status_code == 401
    assert (await guarded.http.get("/api/placements")).status_code == 401
    listed = (await guarded.http.get("/api/placements", headers=await log_in(guarded, "ada"))).json()
    bumper = next(each for each in listed if each["name"] == "youtube-bumper")
    assert bumper == {"name": "youtube-bumper", "title": "YouTube bumper", "aspect": "16:9", "seconds": 6.0, "rules": 4}
