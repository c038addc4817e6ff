"""Films for placements, checks and credentials, as a person asks for them. What is made is read by ffmpeg, not by adreel."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from adreel.agents.film_orders import MakeOrder
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS
from adreel.domain.ids import utc_now
from adreel.media.segments.store import file_digest
from adreel.placements.loader import load_placements
from adreel.placements.placement import Level, Operator
from adreel.provenance.identity import own_identity
from adreel.studio.studio import Studio
from support.cli import Adreel, decoded_frames
from support.small_films import FULL_ADREEL

OWN = """
[[placements.youtube-bumper.rules]]
field = "size"
operator = "covers_one_of"
value = ["320x180"]
level = "ineligible"
[[placements.linkedin.rules]]
field = "width"
operator = "at_least"
value = 100
level = "ineligible"
[[placements.linkedin.rules]]
field = "height"
operator = "at_least"
value = 100
level = "ineligible"
"""
"""Films of tests are small."""


def read(film: Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(film)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60).stderr


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return path


def test_one_order_becomes_a_film_for_each_placement(
    adreel: Adreel, photos: dict[str, Path], own: Path, tmp_path: Path, data_dir: Path
) -> None:
    set_own = {"ADREEL_PLACEMENTS": str(own)}
    names = ("youtube-bumper", "linkedin")
    wanted = [part for name in names for part in ("--for", name)]
    made = adreel("make", photos["white"], photos["tall"], "--out", "ad.mp4", *wanted, "--json", **set_own)
    assert made.code == 0, made.err
    films: list[dict[str, Any]] = [json.loads(line) for line in made.out.splitlines()]
    bumper, linkedin = (tmp_path / f"ad-{name}.mp4" for name in names)
    assert [Path(film["video"]) for film in films] == [bumper, linkedin]
    assert decoded_frames(bumper) == 180
    assert "Duration: 00:00:06.0" in read(bumper)
    assert re.search(r"144x180.* 29\.97 fps", read(linkedin))
    assert films[1]["fps"] == 29.97
    assert films[1]["placement"]["done"] == ["29.97 frames per second, constant"]
    for name, film in zip(names, (bumper, linkedin), strict=True):
        assert adreel("check", film, "--for", name, **set_own).code == 0
    verified = adreel("verify", bumper, linkedin)
    assert verified.code == 0
    assert verified.out.count("The bytes are those that were signed.") == 2
    passports = [json.loads((tmp_path / f"ad-{name}.passport.json").read_text()) for name in names]
    for name, film, passport in zip(names, (bumper, linkedin), passports, strict=True):
        assert passport["film"]["sha256"] == file_digest(film)
        assert passport["credentials"]["state"] == "Valid"
        assert (passport["verdict"]["placement"], passport["receipt"]["total"]) == (name, "0.00")
        assert [words["kind"] for words in passport["words"]] == ["button"]
        assert film.name in (tmp_path / f"ad-{name}.passport.html").read_text()
    secret = (data_dir / "credentials" / "key.pem").read_text().splitlines()[1]
    shown = [made.out, made.err, *(path.read_bytes().decode("latin-1") for path in tmp_path.glob("ad-*"))]
    assert not any(secret in text for text in shown)


def test_films_of_other_makers_are_checked_and_mended(adreel: Adreel, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    made = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=7", "-f", "lavfi", "-i", "sine=d=7")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *made, str(other)], check=True)
    checked = adreel("check", other, "--for", "youtube-bumper", "--json")
    assert checked.code == 2
    rules = json.loads(checked.out)["films"][0]["placements"][0]["rules"]
    length = next(rule for rule in rules if rule["field"] == "seconds")
    assert (length["outcome"], length["measured"], length["asked"]) == ("failed", "7 s", "at most 6 s")
    mended = adreel("check", other, "--for", "youtube-bumper", "--repair", "mended.mp4")
    assert "mended: cut at 6.00 s" in mended.out
    assert "not mended: not eligible: frame size is 320x180" in mended.out
    assert mended.code == 2
    assert decoded_frames(tmp_path / "mended.mp4") == 180
    assert adreel("verify", other).code == 1
    assert adreel("check", tmp_path / "other.mp4", "--for", "tv").code == 2
    (tmp_path / "none.mp4").write_text("no film")
    assert adreel("check", "none.mp4", "--for", "x").code == 3


def test_own_clips_are_cut_for_a_placement(adreel: Adreel, own: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    made = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=8")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *made, str(clip)], check=True)
    wanted = ("--for", "youtube-bumper", "--music", "none", "--out", "ad.mp4", "--json")
    composed = adreel("compose", clip, *wanted, ADREEL_PLACEMENTS=str(own))
    assert composed.film["frames"] == 180 == decoded_frames(composed.path)
    short = adreel("compose", clip, "--for", "amazon-streaming-tv", "--out", "tv.mp4")
    assert short.code == 2
    assert "asks for 15 s" in short.err


def test_words_of_adreels_own_films_are_checked_exactly(
    adreel: Adreel, photos: dict[str, Path], tmp_path: Path
) -> None:
    options = ("--aspect", "9:16", "--name", "Morgen Mug", "--cta", "Start slow. Order today.", "--music", "none")
    made = adreel("make", photos["white"], *options, "--clip-seconds", "0.5", "--out", "ad.mp4", "--json")
    assert [Path(path).name for path in made.film["passport"]] == ["ad.passport.json", "ad.passport.html"]
    tall = [name for name, each in load_placements().items() if each.safe_zone is not None]
    assert len(tall) >= 4
    wanted = [part for name in tall for part in ("--for", name)]
    zones = [
        each["safe_zone"]
        for each in json.loads(adreel("check", "ad.mp4", *wanted, "--json").out)["films"][0]["placements"]
    ]
    assert {zone["outcome"] for zone in zones} == {"passed"}
    copied = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        str(made.path),
        "-c",
        "copy",
        str(tmp_path / "other.mp4"),
    ]
    subprocess.run(copied, check=True)
    assert "not checked" in adreel("check", "other.mp4", "--for", tall[0]).out


def test_an_expired_certificate_is_refused_before_any_work(
    adreel: Adreel, photos: dict[str, Path], tmp_path: Path
) -> None:
    old = own_identity(tmp_path / "old", utc_now() - timedelta(days=1000))
    (tmp_path / "chain.pem").write_bytes(old.chain)
    (tmp_path / "key.pem").write_bytes(old.key)
    settings = {"ADREEL_C2PA_CERT": str(tmp_path / "chain.pem"), "ADREEL_C2PA_KEY": str(tmp_path / "key.pem")}
    made = adreel("make", photos["white"], "--out", "ad.mp4", **settings)
    assert made.code == 1
    assert "renew it" in made.err
    assert not (tmp_path / "ad.mp4").exists()
    assert old.key.decode().splitlines()[1] not in made.err


async def test_python_programs_make_and_check_films_for_placements(
    small_films: None, photos: dict[str, Path], data_dir: Path, tmp_path: Path
) -> None:
    studio = Studio(data_dir=data_dir)
    order = MakeOrder((photos["white"],), tmp_path / "ad.mp4", film=FilmOptions(cta="Buy"))
    (made,) = await studio.make_for(order, ["youtube-bumper"])
    assert made.film.fitted is not None
    (report,) = await studio.check([made.path], ["youtube-bumper", "meta-feed"])
    assert report.measured is not None
    assert (report.measured.frames, report.grade) == (180, 2)
    assert [each.placement.name for each in report.judgements] == ["youtube-bumper", "meta-feed"]


@pytest.mark.long
@pytest.mark.full_size
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("example", ["mug", "perfume", "watch"])
def test_every_placement_takes_the_film_of_an_example(tmp_path: Path, data_dir: Path, example: str) -> None:
    """All films of one set of photos, read by ffmpeg: aspect, length, rate, codecs. Takes many minutes."""
    photos = Path(__file__).parents[2] / "examples" / example
    known = load_placements()
    wanted = [part for name in known for part in ("--for", name)]
    command = (
        *FULL_ADREEL,
        "make",
        str(photos),
        "--name",
        example,
        "--out",
        str(tmp_path / "ad.mp4"),
        *wanted,
        "--json",
    )
    settings = {**os.environ, "ADREEL_DATA_DIR": str(data_dir)}
    made = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=3500)
    assert made.returncode == 0, made.stderr
    films = [json.loads(line) for line in made.stdout.splitlines()]
    assert [film["placement"]["placement"] for film in films] == list(known)
    for film in films:
        placement = known[film["placement"]["placement"]]
        shown = read(Path(film["video"]))
        size = ASPECTS[placement.aspect]
        assert film["placement"]["level"] in (None, "advice"), placement.name
        assert f"{size.width}x{size.height}" in shown, placement.name
        assert len(re.findall(r"Stream #", shown)) == 2
        seconds = float(shown.split("Duration: 00:00:")[1].split(",")[0])
        for rule in placement.rules_of("seconds"):
            if rule.level is not Level.ADVICE and rule.operator in (Operator.AT_MOST, Operator.BETWEEN):
                most = rule.value[-1] if isinstance(rule.value, tuple) else rule.value
                assert seconds <= float(most) + 0.03
        if placement.seconds is not None:
            assert abs(seconds - placement.seconds) < 0.04
