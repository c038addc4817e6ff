"""``adreel make`` with a hosted engine: shows the cost first, buys once, resumes after a kill."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path

import cv2
import httpx
import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.formats import FrameSize
from adreel.domain.scripts.ad_format.reading import parse_ad
from support.cli import decoded_frames
from support.hosted_make import WAN, Shop
from support.replicate import StandIn
from support.sizes import SIZES

LLAMA = "meta/llama-4-maverick-instruct"
SHORT = ("--engine", "replicate", "--clip-seconds", "0.5", "--music", "none", "--json")


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, stand_in: StandIn) -> Shop:
    return Shop(tmp_path, stand_in, full_size=request.node.get_closest_marker("full_size") is not None)


@pytest.mark.parametrize("size", SIZES)
def test_clips_are_bought_once_and_films_are_made_of_them_again(shop: Shop, size: FrameSize) -> None:
    first = shop.run("make", *shop.photos, *SHORT, "--yes")
    film = first.film
    assert (film["width"], film["height"]) == (size.width, size.height)
    assert (film["fps"], film["model"]) == (30, "wan-2.2-i2v-fast")
    assert film["frames"] == 2 * 15 + 30 == decoded_frames(Path(film["video"]))
    assert [(clip["view_type"], clip["frames"], clip["model"], clip["cost"]) for clip in film["clips"]] == [
        ("front", 15, "wan-2.2-i2v-fast", "0.11"),
        ("detail", 15, "wan-2.2-i2v-fast", "0.11"),
    ]
    assert all(check["passed"] for check in film["checks"])
    assert Counter(shop.bought()) == {WAN: 2, LLAMA: 2}
    assert Decimal(film["cost"]) == Decimal(film["cost_now"]) == shop.bill() == Decimal("0.24")
    shop.check_books()
    assert "2 clips of wan-2.2-i2v-fast at $0.11: $0.22" in first.err
    assert "about $0.24 in all; the budget is $20.00" in first.err
    assert "making clips, $0.24 so far" in first.err
    # The stand-in's answer is no plan: the note says that rules planned instead.
    assert "adreel: note: all scenes planned by rules" in first.err

    # Nothing is bought, so nobody needs to be asked.
    second = shop.run("make", *shop.photos, *SHORT, "--cta", "Other words", "--name", "Morgen")
    assert (second.film["cost"], second.film["cost_now"]) == ("0.24", "0.00")
    assert [clip["id"] for clip in second.film["clips"]] == [clip["id"] for clip in film["clips"]]
    assert second.film["frames"] == film["frames"] + 30
    assert "2 clips bought before: not bought again" in second.err

    # Another seed is another film: its price is shown, and without a terminal nothing is bought unasked.
    third = shop.run("make", *shop.photos, *SHORT, "--seed", "7")
    assert third.code == 2
    assert "about $0.24" in third.err
    assert "nothing was bought; use --yes" in third.err
    fourth = shop.run("make", *shop.photos, *SHORT, "--seed", "7", "--yes", "--budget", "0.23")
    assert fourth.code == 2
    assert (
        "this would cost $0.24, but only $0.23 of the film's budget of $0.23 is left; nothing was bought" in fourth.err
    )
    assert len(shop.bought()) == 4


SCRIPT = """
version = 1
product = "Morgen Mug"
photos = ["red.jpg", "blue.jpg"]
facts = ["Holds 350 ml"]
offer = { price = "24.90", currency = "EUR" }
beats = [
  { name = "hook", seconds = 1.0, shot = { photo = 1 } },
  { name = "offer", seconds = 2.5, shot = { photo = 1 }, words = [{ role = "price", text = "€24.90" }] },
]
"""


SCRIPTED = ("--script", "ad.toml", "--engine", "replicate", "--music", "none", "--json")


@pytest.fixture
def script(shop: Shop) -> Path:
    path = shop.folder / "ad.toml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.mark.usefixtures("script")
def test_a_clip_is_bought_for_each_beat_of_a_script(shop: Shop) -> None:
    film = shop.run("make", *SCRIPTED, "--captions", "file", "--yes").film
    assert film["frames"] == 30 + 75 == decoded_frames(Path(film["video"]))
    assert [(clip["frames"], clip["cost"]) for clip in film["clips"]] == [(30, "0.11"), (75, "0.11")]
    assert Counter(shop.bought()) == {WAN: 2, LLAMA: 2}
    assert Decimal(film["cost"]) == shop.bill()
    shop.check_books()
    assert "€24.90" in Path(film["captions"][0]).read_text(encoding="utf-8")


@pytest.mark.long
def test_other_words_lie_over_the_same_clips_and_need_no_confirmation(shop: Shop, script: Path) -> None:
    film = shop.run("make", *SCRIPTED, "--yes").film
    script.write_text(SCRIPT.replace("€24.90", "Now €24.90"), encoding="utf-8")
    second = shop.run("make", *SCRIPTED).film
    assert (second["cost_now"], second["cost"]) == ("0.00", film["cost"])
    assert [clip["id"] for clip in second["clips"]] == [clip["id"] for clip in film["clips"]]
    hook, offer = _changes(Path(film["video"]), Path(second["video"]), (15, 60))
    assert hook == 0
    assert offer > 100


VARIED = """
version = 1
product = "Morgen Mug"
photos = ["red.jpg", "blue.jpg"]
facts = ["Holds 350 ml", "Dishwasher safe"]
beats = [
  { name = "hook", seconds = 3.2, shot = { photo = 1 }, words = [{ role = "headline", text = "Holds 350 ml" }] },
  { name = "more", seconds = 3.2, shot = { photo = 2 }, words = [{ role = "headline", text = "Dishwasher safe" }] },
]
"""


@pytest.mark.long
def test_variants_of_bought_clips_buy_nothing(shop: Shop, script: Path) -> None:
    script.write_text(VARIED, encoding="utf-8")
    order = ("variants", "--script", "ad.toml", "--engine", "replicate", "--music", "none", "--out", "variants")
    early = shop.run(*order, "--vary", "hook", "--count", "2")
    assert early.code == 2
    assert "make its film first" in early.err
    assert shop.bought() == []
    assert shop.run("make", *SCRIPTED, "--yes").code == 0
    bought, bill = shop.bought(), shop.bill()

    made = shop.run(*order, "--vary", "hook", "--count", "2")
    assert made.code == 0, made.err
    kept = json.loads((shop.folder / "variants" / "variants.json").read_text(encoding="utf-8"))["variants"]
    assert [each["name"] for each in kept] == ["hook1", "hook2"]
    assert kept[1]["distance"]["whole"] > 0.15
    assert {decoded_frames(shop.folder / "variants" / each["file"]) for each in kept} == {192}
    assert (shop.bought(), shop.bill()) == (bought, bill)
    shop.check_books()


def _changes(film: Path, other: Path, frames: tuple[int, ...]) -> list[int]:
    """How much the most different pixel of each of these frames differs between two films."""
    return [int(cv2.absdiff(_frame(film, each), _frame(other, each)).max()) for each in frames]


def _frame(film: Path, number: int) -> npt.NDArray[np.uint8]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-vf", f"select=eq(n\\,{number})"]
    command += ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)


def test_kill_9_in_the_middle_buys_nothing_twice(shop: Shop) -> None:
    shop.stand_in.rules(processing=3.0)
    command = ("make", *shop.photos, *SHORT, "--yes", "--out", "ad.mp4")
    with shop.start(*command) as process:
        shop.until_ordered(process, "wan-2.2-i2v-fast", 2)
        process.kill()
    assert not (shop.folder / "ad.mp4").exists()
    again = shop.run(*command)
    assert Counter(shop.bought()) == {WAN: 2, LLAMA: 2}
    assert "2 clips ordered before: resumed" in again.err
    assert Decimal(again.film["cost"]) == shop.bill()
    assert decoded_frames(shop.folder / "ad.mp4") == 2 * 15 + 30
    shop.check_books()
    books = shop.run("reconcile", "--json")
    assert (books.code, json.loads(books.out)["counts"]["matched"]) == (0, 4)
    httpx.post(
        f"{shop.stand_in.api}/models/{LLAMA}/predictions",
        json={"input": {"prompt": "somebody else's"}},
        headers={"Authorization": "Bearer r8_secret"},
        trust_env=False,
    ).raise_for_status()
    books = shop.run("reconcile")
    assert books.code == 1
    assert "4 matched, 1 not in the ledger" in books.out


@pytest.mark.long
def test_the_same_on_postgresql(shop: Shop, pg_database: str) -> None:
    command = ("make", *shop.photos, *SHORT, "--yes")
    first = shop.run(*command, ADREEL_DATABASE_URL=pg_database)
    second = shop.run(*command, ADREEL_DATABASE_URL=pg_database)
    assert (first.film["cost"], second.film["cost_now"]) == ("0.24", "0.00")
    assert len(shop.bought()) == 4
    books = shop.run("reconcile", "--json", ADREEL_DATABASE_URL=pg_database)
    assert (books.code, json.loads(books.out)["counts"]["matched"]) == (0, 4)


def test_a_clip_that_failed_is_bought_by_the_next_run_alone(shop: Shop) -> None:
    # Both clips fail once, and one of them again.
    shop.stand_in.fault("failed", model=WAN, times=3)
    first = shop.run("make", *shop.photos, *SHORT, "--yes")
    assert first.code == 1
    assert "adreel: the film is incomplete: clip" in first.err
    assert len(json.loads(first.out)["clips"]) == len(json.loads(first.out)["failed"]) == 1
    second = shop.run("make", *shop.photos, *SHORT, "--yes")
    assert "1 clip of wan-2.2-i2v-fast at $0.11: $0.11" in second.err
    assert "1 clip bought before: not bought again" in second.err
    assert len(second.film["clips"]) == 2
    assert (second.film["cost_now"], second.film["frames"]) == ("0.11", 60)
    assert Counter(shop.bought()) == {WAN: 5, LLAMA: 2}
    shop.check_books()


def test_ctrl_c_stops_the_buying(shop: Shop) -> None:
    shop.stand_in.fault("stuck", model=WAN, times=2)
    with shop.start("make", *shop.photos, *SHORT, "--yes") as process:
        shop.until_ordered(process, "wan-2.2-i2v-fast", 2)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "nothing more is bought" in output
    assert "Traceback" not in output
    clips = [entry for entry in shop.stand_in.billing()["entries"] if entry["model"] == WAN]
    assert [entry["status"] for entry in clips] == ["canceled", "canceled"]
    shop.check_books()


def test_words_become_images_clips_and_a_film(shop: Shop) -> None:
    words = ("--prompt", "a stoneware mug, calm morning", "--images", "2", "--aspect", "9:16")
    ran = shop.run("make", *words, *SHORT, "--yes", "--image-model", "flux-1.1-pro")
    assert (ran.film["width"], ran.film["height"], len(ran.film["clips"])) == (180, 320, 2)
    assert Counter(shop.bought()) == {WAN: 2, LLAMA: 4, "black-forest-labs/flux-1.1-pro": 2}
    images = [entry["input"] for entry in shop.stand_in.billing()["entries"] if "flux" in entry["model"]]
    assert {image["aspect_ratio"] for image in images} == {"9:16"}
    assert Decimal(ran.film["cost"]) == shop.bill()
    assert "making images, $0.02 so far" in ran.err
    again = shop.run("make", *words, *SHORT, "--image-model", "flux-1.1-pro")
    assert again.film["cost_now"] == "0.00"
    shop.check_books()


def test_photos_go_along_when_more_views_are_made_of_them(shop: Shop) -> None:
    ran = shop.run("make", shop.photos[0], "--prompt", "a mug", "--images", "1", *SHORT, "--yes")
    assert len(ran.film["clips"]) == 2
    (image,) = [entry for entry in shop.stand_in.billing()["entries"] if entry["model"] == "google/nano-banana"]
    assert "image_input" in image["input"]
    shop.check_books()


def test_a_terminal_is_asked_and_no_means_no(shop: Shop) -> None:
    asking, answering = pty.openpty()
    command = shop.command("make", shop.photos[0], *SHORT)
    with subprocess.Popen(
        command, cwd=shop.folder, env=shop.environment, stdin=answering, stderr=subprocess.PIPE, text=True
    ) as process:
        os.write(asking, b"n\n")
        _, said = process.communicate(timeout=60)
    os.close(asking)
    os.close(answering)
    assert process.returncode == 1
    # One photo is shown in four framings.
    assert "Buy 4 clips for about $0.46? [y/N]" in said
    assert "nothing was bought" in said
    assert shop.bought() == []
    assert not list(shop.folder.glob("*.mp4"))


def test_without_an_account_it_is_said_how_to_get_or_do_without_one(shop: Shop) -> None:
    ran = shop.run("make", shop.photos[0], *SHORT, "--yes", ADREEL_REPLICATE_API_TOKEN="")
    assert ran.code == 2
    assert "set ADREEL_REPLICATE_API_TOKEN" in ran.err
    assert "python -m adreel.testing.replicate" in ran.err
    assert "Traceback" not in ran.err
    assert shop.bought() == []


def test_the_walk_of_the_documents_works_again_after_the_stand_in_was_restarted(tmp_path: Path) -> None:
    """Without a seed and without answers that a test has written: as a user starts it, with the data folder of yesterday."""
    for seed in ("1", "2"):
        stand_in = StandIn()
        try:
            shop = Shop(tmp_path, stand_in)
            stand_in.rules(plans=True)
            ran = shop.run("make", *shop.photos, *SHORT, "--seed", seed, "--yes", "--out", f"{seed}.mp4")
            assert ran.code == 0, ran.err
            assert "planned by rules" not in ran.err
            assert Counter(shop.bought()) == {WAN: 2, LLAMA: 1}
        finally:
            stand_in.stop()


def test_a_language_model_writes_a_script_once_and_rules_when_it_fails(shop: Shop) -> None:
    said = ("script", *shop.photos, "--name", "Mug", "--fact", "Holds 350 ml", "--writer", "model", "--budget", "1")
    failed = shop.run(*said)
    assert failed.code == 0, failed.err
    assert "the script is written by rules instead of llama-4-maverick: there is no JSON object" in failed.err
    # Its two answers are not bought again. Another request is another question.
    shop.stand_in.rules(plans=True)
    assert shop.run(*said).err == failed.err
    written = [shop.run(*said, "--prompt", "calm") for _ in range(2)]
    assert [(each.code, each.err) for each in written] == [(0, "")] * 2
    ad = parse_ad(written[0].out)
    assert [beat.name for beat in ad.beats] == ["line 1", "line 2"]
    assert ad.photos == tuple(map(str, shop.photos))
    assert written[1].out == written[0].out
    assert Counter(shop.bought()) == {LLAMA: 3}
    shop.check_books()
