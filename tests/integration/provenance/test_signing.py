from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imageio_ffmpeg
import pytest
from c2pa import Context, Reader
from cryptography.x509 import load_pem_x509_certificates

from adreel.bootstrap.credentials import open_signer, own_root
from adreel.bootstrap.settings import read_settings
from adreel.domain.errors import CheckError, SetupError
from adreel.media.checks import moov_is_first
from adreel.provenance.history import FilmHistory, Ingredient
from adreel.provenance.identity import Identity, bought_identity, own_identity
from adreel.provenance.reading import in_words, read_credentials
from adreel.provenance.signing import FilmSigner
from support.pictures import texture

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
MADE = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=30:d=0.5", "-f", "lavfi", "-i", "sine=d=0.5", "-shortest")


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = tmp_path_factory.mktemp("films") / "film.mp4"
    encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "+faststart")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *MADE, *encoded, str(film)]
    subprocess.run(command, check=True, capture_output=True)
    return film


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return own_identity(tmp_path_factory.mktemp("keys"))


def copy(plain: Path, folder: Path, name: str = "signed.mp4") -> Path:
    film = folder / name
    film.write_bytes(plain.read_bytes())
    return film


def photo(folder: Path) -> Path:
    import cv2

    path = folder / "private name.jpg"
    cv2.imwrite(str(path), texture(64, 48, 1))
    return path


def md5(film: Path) -> str:
    """FFmpeg's own digest of every packet, with its times."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy", "-f", "framemd5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_signed_film_is_valid_and_its_packets_are_as_before(plain: Path, identity: Identity, tmp_path: Path) -> None:
    film = copy(plain, tmp_path)
    history = FilmHistory((Ingredient("photo 1", photo(tmp_path)),), drawn=1, cards=True, composed=True)
    check = FilmSigner(lambda: identity).sign(film, history)
    assert check.passed
    assert md5(film) == md5(plain)
    assert moov_is_first(film)
    assert film.stat().st_size - plain.stat().st_size < 12_000
    found = read_credentials(film, identity.root)
    assert (found.state, found.untouched, found.faults) == ("Trusted", True, ())
    assert found.ingredients == ("photo 1",)
    assert found.source_type == found.xmp_source_type == "composite"
    assert b"private name" not in film.read_bytes()
    assert list(tmp_path.glob("*.signed")) == []


def test_other_readers_find_it_valid_but_untrusted(plain: Path, identity: Identity, tmp_path: Path) -> None:
    film = copy(plain, tmp_path)
    FilmSigner(lambda: identity).sign(film, FilmHistory((), drawn=1))
    with Reader(str(film), context=Context.from_dict({"verify": {"verify_trust": True}})) as reader:
        document = json.loads(reader.json())
    assert document["validation_state"] == "Valid"
    assert [each["code"] for each in document["validation_status"]] == ["signingCredential.untrusted"]
    assert identity.root is not None
    trusting = Context.from_dict({"verify": {"verify_trust": True}, "trust": {"user_anchors": identity.root.decode()}})
    with Reader(str(film), context=trusting) as reader:
        assert reader.get_validation_state() == "Trusted"
    with Reader(str(film)) as reader:
        assert reader.get_validation_state() == "Valid"


def test_a_flipped_byte_and_a_lost_manifest_are_found(plain: Path, identity: Identity, tmp_path: Path) -> None:
    film = copy(plain, tmp_path)
    FilmSigner(lambda: identity).sign(film, FilmHistory((), drawn=1))
    lost = tmp_path / "copied.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy", str(lost)]
    subprocess.run(command, check=True, capture_output=True)
    data = bytearray(film.read_bytes())
    data[data.index(b"mdat") + 200] ^= 1
    film.write_bytes(data)
    changed = read_credentials(film)
    assert not changed.untouched
    assert "NOT those that were signed" in in_words(changed)[0]
    assert read_credentials(lost).state is None
    assert "no content credentials" in in_words(read_credentials(lost))[0]


def test_a_clip_with_credentials_of_its_own_keeps_them(plain: Path, identity: Identity, tmp_path: Path) -> None:
    clip, film = copy(plain, tmp_path, "clip.mp4"), copy(plain, tmp_path)
    signer = FilmSigner(lambda: identity)
    signer.sign(clip, FilmHistory((), drawn=1))
    signer.sign(film, FilmHistory((Ingredient("clip 1", clip, "kling"),)))
    with Reader(str(film)) as reader:
        assert len(json.loads(reader.json())["manifests"]) == 2
    assert read_credentials(film).models == ("kling",)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"\xff\xd8\xff no picture",
        b"\0\0\0\x18ftypmp42 no film",
        b"\x1a\x45\xdf\xa3 a clip in a container that no manifest takes",
    ],
)
def test_a_clip_that_cannot_be_an_ingredient_is_described(
    plain: Path, identity: Identity, tmp_path: Path, content: bytes | None
) -> None:
    film, clip = copy(plain, tmp_path), tmp_path / "clip.webm"
    clip.write_bytes(content or b"")
    history = FilmHistory((Ingredient("clip 1", clip if content else None, "kling"), Ingredient("clip 2", clip)))
    FilmSigner(lambda: identity).sign(film, history)
    found = read_credentials(film, identity.root)
    assert (found.state, found.models, found.ingredients) == ("Trusted", ("kling",), ())


@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.long)])
def test_films_are_signed_from_several_threads(plain: Path, identity: Identity, tmp_path: Path, count: int) -> None:
    signer = FilmSigner(lambda: identity)
    films = [copy(plain, tmp_path, f"{number}.mp4") for number in range(count)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(signer.sign, films, [FilmHistory((), drawn=1)] * len(films)))
    assert {read_credentials(film, identity.root).state for film in films} == {"Trusted"}


def test_a_film_that_cannot_be_signed_is_an_error(identity: Identity, tmp_path: Path, plain: Path) -> None:
    def broken() -> Identity:
        return Identity(identity.chain, b"no key", identity.root, "es256", identity.expires)

    with pytest.raises(CheckError, match="cannot be signed"):
        FilmSigner(broken).sign(copy(plain, tmp_path), FilmHistory((), drawn=1))


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "credentials"
    one, two = own_identity(folder), own_identity(folder)
    assert one == two
    assert one.self_signed
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = one.key.decode().splitlines()[1]
    assert secret not in repr(one) + caplog.text


def test_an_own_certificate_is_renewed_before_it_expires(tmp_path: Path) -> None:
    one = own_identity(tmp_path, NOW)
    late = one.expires - dt.timedelta(days=5)
    assert own_identity(tmp_path, late).expires > one.expires


def test_a_clock_that_was_ahead_when_the_certificate_was_made_and_is_set_back_fails_no_film(
    plain: Path, tmp_path: Path
) -> None:
    ahead = own_identity(tmp_path / "keys", dt.datetime.now(dt.UTC) + dt.timedelta(hours=2, minutes=10))
    assert FilmSigner(lambda: ahead).sign(copy(plain, tmp_path), FilmHistory((), drawn=1)).passed
    assert own_identity(tmp_path / "keys") == ahead
    leaf = load_pem_x509_certificates(ahead.chain)[0]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= dt.timedelta(days=825)


def pems(folder: Path, identity: Identity) -> tuple[Path, Path]:
    chain, key = folder / "bought.pem", folder / "bought.key"
    chain.write_bytes(identity.chain)
    key.write_bytes(identity.key)
    return chain, key


def test_a_bought_certificate_signs(plain: Path, identity: Identity, tmp_path: Path) -> None:
    bought = bought_identity(*pems(tmp_path, identity))
    assert not bought.self_signed
    film = copy(plain, tmp_path)
    check = FilmSigner(lambda: bought).sign(film, FilmHistory((), drawn=1))
    assert "by your certificate" in check.detail


def test_a_wrong_certificate_is_refused_when_adreel_starts(identity: Identity, tmp_path: Path) -> None:
    chain, key = pems(tmp_path, identity)
    with pytest.raises(SetupError, match="set both ADREEL_C2PA_CERT and ADREEL_C2PA_KEY"):
        open_signer(read_settings(data_dir=tmp_path, c2pa_cert=chain))
    with pytest.raises(SetupError, match=r"valid from .* renew it"):
        bought_identity(chain, key, identity.expires + dt.timedelta(days=1))
    other = tmp_path / "other"
    key.write_bytes(own_identity(other).key)
    with pytest.raises(SetupError, match=r"does not belong.*ADREEL_C2PA_CERT"):
        open_signer(read_settings(data_dir=tmp_path, c2pa_cert=chain, c2pa_key=key))
    chain.write_bytes(b"no certificate")
    with pytest.raises(SetupError, match="not PEM"):
        bought_identity(chain, key)
    with pytest.raises(SetupError, match="cannot be read"):
        bought_identity(tmp_path / "gone.pem", key)


def test_signing_is_switched_off_by_a_setting(tmp_path: Path) -> None:
    assert open_signer(read_settings(data_dir=tmp_path, content_credentials=False)) is None
    assert own_root(read_settings(data_dir=tmp_path)) is None
