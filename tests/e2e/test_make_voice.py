"""Hosted voices and locales at the command line: the price first, each line once, films of the same clips."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from support.cli import decoded_frames
from support.hosted_make import WAN, Shop
from support.replicate import StandIn

MODEL, REFERENCE = "speech-2.6-turbo", "minimax/speech-2.6-turbo"
LINE = ("Guten Morgen.", "--voice", f"{MODEL}:Calm_Woman", "--language", "de", "--yes")
SCRIPT = """
version = 1
product = "Mug"
photos = ["red.jpg", "blue.jpg"]
facts = ["Holds 350 ml"]
beats = [
  { name = "hook", shot = { photo = 1 }, words = [{ role = "headline", text = "Hello" }], spoken = "Hello." },
  { name = "rest", seconds = 0.5, shot = { photo = 2 } },
]
"""
GERMAN = (
    '[beats.hook]\nwords = ["Hallo"]\nspoken = "Hallo, schön, dass du da bist, und allen anderen einen guten Morgen."\n'
)
MAKE = ("make", "--script", "ad.toml", "--locale", "de=de.toml", "--voice", MODEL, "--music", "none", "--json")


@pytest.fixture
def shop(tmp_path: Path, stand_in: StandIn, photos: dict[str, Path]) -> Shop:
    shop = Shop(tmp_path, stand_in)
    shutil.copyfile(photos["white"], tmp_path / "red.jpg")
    shutil.copyfile(photos["wide"], tmp_path / "blue.jpg")
    (tmp_path / "ad.toml").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "de.toml").write_text(GERMAN, encoding="utf-8")
    return shop


def test_kill_9_over_a_line_buys_it_once(shop: Shop) -> None:
    shop.stand_in.rules(processing=3.0)
    with shop.start("say", *LINE, "--out", "a.wav") as process:
        shop.until_ordered(process, MODEL, 1)
        process.kill()
    assert not (shop.folder / "a.wav").exists()
    again = shop.run("say", *LINE, "--out", "a.wav", "--json")
    assert json.loads(again.out)["voice"]["provider"] == "replicate"
    assert shop.bought() == [REFERENCE]
    shop.check_books()
    books = shop.run("reconcile", "--json")
    assert (books.code, json.loads(books.out)["counts"]["matched"]) == (0, 1)
    third = shop.run("say", *LINE[:-1], "--out", "b.wav")
    assert (third.code, "1 line bought before: not bought again" in third.err) == (0, True)
    assert third.out.rstrip().endswith(", $0.00")
    assert (shop.folder / "a.wav").read_bytes() == (shop.folder / "b.wav").read_bytes()


def test_without_a_yes_or_the_money_or_the_language_no_line_is_bought(shop: Shop) -> None:
    refusals = {
        ("say", *LINE[:-1]): "nothing was bought; use --yes",
        ("say", *LINE, "--budget", "0.001"): "nothing was bought. Raise the budget",
        ("say", "Halló", "--voice", MODEL, "--language", "is", "--yes"): "does not speak 'is'",
        ("say", "Hello", "--voice", "nope", "--yes"): f"no speech model is called 'nope'; choose one of {MODEL}",
        ("say", *LINE, "--speed", "1.5"): "not 1.5 times",
        ("say", "Hallo", "--language", "de"): "the offline voice speaks English",
        (*MAKE[:-1], "--voice", "lines.wav"): "a recording speaks one language",
        (*MAKE, "--yes", "--captions", "on", "--caption-style", "spoken"): "the times of sentences only",
    }
    for command, message in refusals.items():
        ran = shop.run(*command)
        assert (ran.code, message in ran.err) == (2, True), ran.err
        assert ran.err.count("\n") <= 2
    assert shop.bought() == []


def test_a_film_in_each_language_is_spoken_in_it_and_what_is_not_translated_is_named(shop: Shop) -> None:
    (shop.folder / "fr.toml").write_text("language = 'fr'\n", encoding="utf-8")
    refused = shop.run(*MAKE, "--locale", "fr=fr.toml", "--yes")
    assert refused.code == 2
    assert "fr.toml lacks translations: beat 'hook', words 1 ('Hello'); beat 'hook', spoken ('Hello.')" in refused.err
    assert shop.bought() == []
    ran = shop.run(*MAKE, "--captions", "file", "--yes")
    assert ran.code == 0, ran.err
    films = [json.loads(line) for line in ran.out.splitlines()]
    assert [Path(film["video"]).name for film in films] == ["ad.mp4", "ad-de.mp4"]
    assert "timed by sentence" in films[0]["notes"][0]
    assert "Hallo, schön, dass du da bist" in Path(films[1]["captions"][0]).read_text(encoding="utf-8")
    assert films[1]["clips"][0]["frames"] > films[0]["clips"][0]["frames"]
    assert shop.bought() == [REFERENCE] * 2
    assert sum(Decimal(film["cost"]) for film in films) == shop.bill()
    languages = [entry["input"]["language_boost"] for entry in shop.stand_in.billing()["entries"]]
    assert sorted(languages) == ["Automatic", "German"]
    passport = json.loads((shop.folder / "ad-de.passport.json").read_text(encoding="utf-8"))
    assert passport["sources"]["voice"]["version"] == REFERENCE
    assert [call["kind"] for call in passport["receipt"]["calls"]] == ["speech"]
    shop.check_books()


def test_the_file_to_translate_is_written(shop: Shop) -> None:
    written = shop.run("locale", "ad.toml", "--language", "fr")
    assert (written.code, '    "",  # "Hello"' in written.out) == (0, True)


@pytest.mark.long
def test_films_in_two_languages_are_made_of_the_same_bought_clips(shop: Shop) -> None:
    first = shop.run(*MAKE, "--engine", "replicate", "--yes")
    films = [json.loads(line) for line in first.out.splitlines()]
    assert [clip["id"] for clip in films[0]["clips"]] == [clip["id"] for clip in films[1]["clips"]]
    bought = Counter(shop.bought())
    assert (bought[WAN], bought[REFERENCE]) == (2, 2)
    assert [decoded_frames(Path(film["video"])) for film in films] == [film["frames"] for film in films]
    again = shop.run(*MAKE, "--engine", "replicate")
    assert Counter(shop.bought()) == bought
    assert [json.loads(line)["cost_now"] for line in again.out.splitlines()] == ["0.00", "0.00"]
    shop.check_books()
