"""The passport of a film of bought clips: the receipt is the bill, the credentials name the parts, the key is nowhere."""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
from c2pa import Reader

from adreel.domain.ids import utc_now
from adreel.provenance.history import FilmHistory
from adreel.provenance.identity import Identity, own_identity
from adreel.provenance.signing import FilmSigner
from support import forked
from support.cli import Ran
from support.hosted_make import Shop
from support.replicate import StandIn, write_image
from support.service import serve
from support.small_films import SMALL_ADREEL

WAN = "wan-2.2-i2v-fast"
FOR = "meta-reels"


@dataclass
class Customer:
    """A person with a session at a service; keeps every answer."""

    http: httpx.Client
    session: str = ""

    def __post_init__(self) -> None:
        self.answers: list[bytes] = []

    def get(self, path: str) -> httpx.Response:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        self.answers.append(answer.content)
        return answer

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"/api/{path}", json={**({"session_id": self.session} if self.session else {}), **body})
        assert answer.status_code in (200, 201, 202), answer.text
        self.answers.append(answer.content)
        return answer.json()

    def add_photos(self, photos: list[Path]) -> list[str]:
        files = [("files", (photo.name, photo.read_bytes(), "image/jpeg")) for photo in photos]
        answer = self.http.post(f"/api/sessions/{self.session}/images", files=files)
        return [image["id"] for image in answer.json()["images"]]

    def until(self, stage: str) -> dict[str, Any]:
        deadline = time.monotonic() + 200
        while (found := self.http.get(f"/api/sessions/{self.session}").json())["stage"] != stage:
            assert found["stage"] != "failed", found
            assert time.monotonic() < deadline, found
            time.sleep(0.2)
        return found


def with_clips(customer: Customer, folder: Path) -> list[str]:
    """Buys a clip for each of two photos and approves them; returns their ids."""
    customer.session = customer.post("sessions/create", product_prompt="a mug")["session_id"]
    photos = [write_image(folder / f"private{n}.jpg", (90 * n, 60, 200), (640, 360)) for n in (1, 2)]
    customer.post("save-approved-images", approved_image_ids=customer.add_photos(photos))
    customer.post("generate-clips", video_prompt="calm", clip_duration=1.0, model=WAN)
    clips = [clip["id"] for clip in customer.until("clip_selection")["generated_clips"]]
    customer.post("save-approved-clips", approved_clip_ids=clips)
    return clips


def signed_by_its_maker(data: Path, folder: Path) -> None:
    """Signs the bought clips in storage, as a provider does that gives its clips credentials."""
    signer = FilmSigner(lambda: own_identity(folder / "maker"))
    for clip in (data / "storage").rglob("clips/*.mp4"):
        first = folder / "index-first.mp4"
        copied = ("-v", "error", "-y", "-i", str(clip), "-c", "copy", "-movflags", "+faststart", str(first))
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *copied], check=True)
        signer.sign(first, FilmHistory((), drawn=1))
        first.replace(clip)


def test_the_passport_of_a_bought_film_has_the_receipt_and_the_credentials_have_its_parts(
    tmp_path: Path, stand_in: StandIn
) -> None:
    data, kept = tmp_path / "data", tmp_path / "backup"
    data.mkdir()
    process, address = serve(data, **hosted(stand_in))
    try:
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
            customer = Customer(http)
            with_clips(customer, tmp_path)
            billed = stand_in.billing()
            signed_by_its_maker(data, tmp_path)
            customer.post("compose-final-video", text_overlay={"cta": "Buy"}, aspects=["16:9"], placements=[FOR])
            films = {film["placement"] or film["aspect"]: film for film in customer.until("complete")["films"]}
            assert set(films) == {"16:9", FOR}
            for film in films.values():
                passport = customer.get(film["passport_url"]).json()
                check_receipt(passport, billed)
                check_parts(passport, customer.get(film["url"]).content, tmp_path)
                customer.get(film["passport_page_url"])
            assert stand_in.billing() == billed
            check_zip(customer.get(f"/api/sessions/{customer.session}/films.zip").content)
            exported = customer.get("/api/account/export").content
    finally:
        process.kill()
    assert adreel(data, "db", "backup", kept).code == 0
    check_key_is_nowhere(data, [process.output.encode(), *customer.answers], [exported], kept)


def check_receipt(passport: dict[str, Any], billed: dict[str, Any]) -> None:
    calls, entries = passport["receipt"]["calls"], billed["entries"]
    assert {call["id"] for call in calls} == {entry["id"] for entry in entries}
    assert Decimal(passport["receipt"]["total"]) == Decimal(billed["total"]) > 0
    assert sum(call["model"] == WAN for call in calls) == 2
    values = {each["platform"]: each["value"] for each in passport["attestations"]}
    assert (values["Google Ads"], values["TikTok"]) == ("IS_SYNTHETIC", "SELF_DISCLOSURE")
    assert passport["credentials"]["source_type"] == "compositeWithTrainedAlgorithmicMedia"


def check_parts(passport: dict[str, Any], film: bytes, folder: Path) -> None:
    assert passport["credentials"]["ingredients"] == ["photo 1", "photo 2", "clip 1", "clip 2"]
    assert passport["credentials"]["state"] == "Valid"
    path = folder / "downloaded.mp4"
    path.write_bytes(film)
    with Reader(str(path)) as reader:
        document = json.loads(reader.json())
    active = document["manifests"][document["active_manifest"]]
    assert {each["relationship"] for each in active["ingredients"]} == {"componentOf"}
    own = [each["title"] for each in active["ingredients"] if each.get("active_manifest") in document["manifests"]]
    assert own == ["clip 1", "clip 2"]
    assert b"private" not in film


def check_zip(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        beside = [f"ad{suffix}" for suffix in (".mp4", ".passport.json", ".passport.html", ".srt", ".vtt")]
        folders = ("16x9", FOR)
        assert set(files.namelist()) == {"README.txt", *(f"{folder}/{name}" for folder in folders for name in beside)}
        assert b"Buy" in files.read(f"{FOR}/ad.srt")


def check_key_is_nowhere(data: Path, shown: list[bytes], zips: list[bytes], kept: Path) -> None:
    """Neither as PEM nor as the number that it is, in logs, answers, files of storage, exports or backups."""
    key = data / "credentials" / "key.pem"
    secret = key.read_bytes().splitlines()[1]
    assert key.stat().st_mode & 0o777 == 0o600
    inside = [
        files.read(name) for each in zips for files in [zipfile.ZipFile(io.BytesIO(each))] for name in files.namelist()
    ]
    stored = [path.read_bytes() for root in (data / "storage", kept) for path in root.rglob("*") if path.is_file()]
    assert stored
    assert not any(secret in text for text in (*shown, *zips, *inside, *stored))
    assert not list(kept.rglob("*.pem"))


def hosted(stand_in: StandIn, **more: str) -> dict[str, str]:
    return {
        "ADREEL_REPLICATE_API_TOKEN": "r8_secret",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
        **more,
    }


def adreel(data: Path, *args: str | Path, **settings: str) -> Ran:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
    environment = {**plain, "ADREEL_DATA_DIR": str(data), **settings}
    done = forked.run([*SMALL_ADREEL, *args], cwd=data.parent, env=environment, timeout=120)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def expired(tmp_path: Path) -> dict[str, str]:
    """Settings with a bought certificate that is out of date."""
    return certificate(tmp_path, own_identity(tmp_path / "old", utc_now() - timedelta(days=1000)))


def certificate(folder: Path, identity: Identity) -> dict[str, str]:
    chain, key = folder / "chain.pem", folder / "bought-key.pem"
    chain.write_bytes(identity.chain)
    key.write_bytes(identity.key)
    return {"ADREEL_C2PA_CERT": str(chain), "ADREEL_C2PA_KEY": str(key)}


@pytest.mark.parametrize("command", [("serve", "--port", "0"), pytest.param(("worker",), marks=pytest.mark.long)])
def test_a_service_does_not_start_with_an_expired_certificate(
    tmp_path: Path, expired: dict[str, str], command: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    ended = adreel(data, *command, **expired)
    assert ended.code == 1
    assert "renew it (ADREEL_C2PA_CERT and ADREEL_C2PA_KEY)" in ended.err
    secret = Path(expired["ADREEL_C2PA_KEY"]).read_text().splitlines()[1]
    assert secret not in ended.err + ended.out


def test_nothing_is_bought_with_an_expired_or_a_wrong_certificate(
    tmp_path: Path, stand_in: StandIn, expired: dict[str, str]
) -> None:
    shop = Shop(tmp_path, stand_in)
    order = ("make", *shop.photos, "--engine", "replicate", "--clip-seconds", "0.5", "--yes")
    refused = shop.run(*order, **expired)
    assert refused.code == 1
    assert "renew it" in refused.err
    wrong = certificate(tmp_path, own_identity(tmp_path / "one"))
    Path(wrong["ADREEL_C2PA_KEY"]).write_bytes(own_identity(tmp_path / "two").key)
    refused = shop.run(*order, **wrong)
    assert refused.code == 1
    assert "does not belong" in refused.err
    assert shop.bought() == []


def test_credentials_that_are_switched_off_are_so_in_the_passport(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    photo = write_image(tmp_path / "red.jpg", (200, 40, 30), (640, 360))
    order = ("make", photo, "--clip-seconds", "0.5", "--music", "none", "--out", tmp_path / "ad.mp4")
    made = adreel(data, *map(str, order), ADREEL_CONTENT_CREDENTIALS="false")
    assert made.code == 0, made.err
    passport = json.loads((tmp_path / "ad.passport.json").read_text())
    assert passport["credentials"]["state"] is None
    (statement,) = passport["credentials"]["statement"]
    assert "switched off" in statement
    assert "switched off" in (tmp_path / "ad.passport.html").read_text()
    assert not (data / "credentials").exists()
    assert adreel(data, "verify", str(tmp_path / "ad.mp4")).code == 1
