from __future__ import annotations

import io
import json
import wave
import zipfile
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

import adreel.assets
from adreel.domain.accounts.limits import AccountLimits
from adreel.routers.common.options import AppOptions
from support.api import PASSWORD, Api, Backend, build_backend, log_in, opened_api

FONT = Path(adreel.assets.__file__).parent / "fonts" / "Anton_400Regular.ttf"
WORDS = {"title": "Morgen", "color": "#1F6F78", "cta": "Order yours", "address": "morgen.example", "legal": "Incl. VAT"}
ALL = {"font": None, "music": None, "logo_light": None, "logo_dark": None, "font_file": None, "music_file": None}


def logo(color: str = "#C81E1E") -> bytes:
    """A disc of a colour."""
    picture, file = Image.new("RGBA", (200, 120), (0, 0, 0, 0)), io.BytesIO()
    ImageDraw.Draw(picture).ellipse((10, 10, 190, 110), fill=color)
    picture.save(file, "PNG")
    return file.getvalue()


def tune(seconds: float = 1.5) -> bytes:
    """A square wave of 200 Hz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes((b"\x00\x10" * 20 + b"\x00\xf0" * 20) * round(200 * seconds))
    return file.getvalue()


async def upload(
    api: Api, kind: str, name: str, content: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    return await api.http.post("/api/files", data={"kind": kind}, files={"file": (name, content)}, headers=headers)


async def uploaded(api: Api, kind: str, name: str, content: bytes) -> dict[str, Any]:
    answer = await upload(api, kind, name, content)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def stored(backend: Backend) -> set[str]:
    folder = backend.folder / "storage" / "files"
    return {path.suffix for path in folder.rglob("*") if path.is_file()}


async def test_a_kit_with_files_is_kept_replaced_chosen_and_deleted(api: Api) -> None:
    mark, font, music = (
        await uploaded(api, "logo", "morgen.png", logo()),
        await uploaded(api, "font", "Brand.otf", FONT.read_bytes()),
        await uploaded(api, "music", "song", tune()),
    )
    kinds = [(each["content_type"], each["family"], each["name"]) for each in (mark, font, music)]
    assert kinds == [("image/png", None, "morgen.png"), ("font/ttf", "Anton", "Brand.otf"), ("audio/wav", None, "song")]
    # The same file again is the one that is there.
    assert (await uploaded(api, "logo", "again.png", logo()))["id"] == mark["id"]
    files = {"logo_light": mark["id"], "font_file": font["id"], "music_file": music["id"]}
    made = await api.http.post("/api/brands", json={"name": "morgen", **WORDS, **files})
    assert made.status_code == 201, made.text
    kit = made.json()
    assert {name: kit[name] for name in WORDS} == WORDS
    assert (kit["logo_light"]["name"], kit["font_file"]["family"], kit["logo_dark"]) == ("morgen.png", "Anton", None)
    assert (await api.http.get(kit["logo_light"]["url"])).content == logo()
    assert [each["name"] for each in (await api.http.get("/api/brands")).json()["brands"]] == ["morgen"]
    assert (await api.http.post("/api/brands", json={"name": "morgen"})).status_code == 409

    session_id = await api.new_session()
    chosen = await api.http.patch(f"/api/sessions/{session_id}", json={"brand_kit": "morgen"})
    assert (chosen.json()["brand_kit"], chosen.json()["name"]) == ("morgen", "")
    unknown = await api.http.patch(f"/api/sessions/{session_id}", json={"brand_kit": "other"})
    assert (unknown.status_code, "there are: morgen" in unknown.json()["detail"]) == (422, True)

    assert (await api.http.delete(f"/api/files/{mark['id']}")).status_code == 409
    replaced = await api.http.put("/api/brands/morgen", json={**WORDS, "font": "Poppins"})
    assert {**ALL, "font": "Poppins"}.items() <= replaced.json().items()
    assert (await api.http.get("/api/files")).json() == {"files": []}
    await api.services.deletions.soon()
    assert stored(api.backend) == set()
    assert (await api.http.delete("/api/brands/morgen")).status_code == 204
    assert (await api.http.get("/api/brands/morgen")).status_code == 404
    assert (await api.http.get(f"/api/sessions/{session_id}")).json()["brand_kit"] is None


async def test_files_and_kits_that_cannot_be_used_are_refused(api: Api) -> None:
    shape = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/>"
    svg = await upload(api, "logo", "morgen.svg", f"{shape}<script/></svg>".encode())
    assert (svg.status_code, svg.json()["detail"].startswith("morgen.svg holds <script>")) == (422, True)
    drawn = await uploaded(api, "logo", "morgen.svg", f"{shape}</svg>".encode())
    assert (drawn["content_type"], (await api.http.get(drawn["url"])).content[:4]) == ("image/png", b"\x89PNG")
    assert (await api.http.delete(f"/api/files/{drawn['id']}")).status_code == 204
    assert (await upload(api, "logo", "x.png", b"")).json()["detail"].startswith("x.png is empty")
    assert (await upload(api, "logo", "x.png", bytes(5_000_001))).status_code == 422
    assert (await upload(api, "picture", "x.png", logo())).status_code == 422
    assert (await api.http.post("/api/files", content=b"x")).status_code == 415
    mark = await uploaded(api, "logo", "morgen.png", logo())
    for kit, words in [
        ({"font_file": mark["id"]}, "of the kind logo, not font"),
        ({"logo_light": "f00"}, "there is no file f00"),
        ({"font": "Nowhere Sans"}, "no font is named"),
        ({"music": "polka"}, "neither a genre"),
    ]:
        answer = await api.http.post("/api/brands", json={"name": "morgen", **kit})
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text
    assert (await api.http.get("/api/brands")).json() == {"brands": []}
    assert (await api.http.delete(f"/api/files/{mark['id']}")).status_code == 204


async def test_kits_and_files_are_their_owners_and_count_against_the_limit(
    sqlite_database: str, tmp_path: Path
) -> None:
    limited = build_backend(sqlite_database, tmp_path, limits=AccountLimits(stored_mb=1))
    await limited.jobs.open()
    for name in ("ada", "bob"):
        await limited.services.auth.register(f"{name}@example.com", PASSWORD)
    async with opened_api(limited, AppOptions(auth_required=True)) as api:
        ada, bob = await log_in(api, "ada"), await log_in(api, "bob")
        mark = (await upload(api, "logo", "m.png", logo(), ada)).json()
        assert (
            await api.http.post("/api/brands", json={"name": "morgen", "logo_light": mark["id"]}, headers=ada)
        ).status_code == 201
        for method, path in (
            ("GET", "brands/morgen"),
            ("PUT", "brands/morgen"),
            ("DELETE", "brands/morgen"),
            ("DELETE", f"files/{mark['id']}"),
        ):
            answer = await api.http.request(method, f"/api/{path}", headers=bob, json={} if method == "PUT" else None)
            assert answer.status_code == 404, path
        stolen = await api.http.post("/api/brands", json={"name": "mine", "logo_light": mark["id"]}, headers=bob)
        assert stolen.status_code == 422
        assert (await api.http.get("/api/brands", headers=bob)).json() == {"brands": []}
        assert (await api.http.get("/api/brands")).status_code == 401
        full = await upload(api, "music", "long.wav", tune(90), ada)
        assert (full.status_code, full.json()["limit"]) == (409, "stored_mb")

        exported = zipfile.ZipFile(io.BytesIO((await api.http.get("/api/account/export", headers=ada)).content))
        account = json.loads(exported.read("account.json"))
        [file] = account["files"]
        assert (account["brands"][0]["name"], account["missing"]) == ("morgen", [])
        assert exported.read(file["storage_key"]) == logo()
        gone = await api.http.post("/api/account/delete", json={"password": PASSWORD}, headers=ada)
        assert gone.status_code == 204
        await limited.services.deletions.soon()
        assert stored(limited) == set()
    await limited.jobs.close()
    await limited.services.storage.close()
    await limited.database.close()
