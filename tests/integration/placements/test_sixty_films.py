"""Sixty faulty films and sixty good ones: each fault is found by its field, nothing else is, what can be mended is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import ShownWords
from adreel.media.words_box import add_words
from adreel.placements.checking import FilmChecker
from adreel.placements.zones import Outcome
from support.faulty_films import FIRST, broken, checker_in, ffmpeg, source
from support.film_faults import (
    COPIES,
    FAULTY,
    LENGTHS,
    LOW_RATE,
    MORE_COPIES,
    MORE_FAULTY,
    MORE_MENDED,
    MORE_NOT_MENDED,
    SIXTY_GOOD,
    lasting,
)

MadeFilm = Callable[[str], Path]

MORE = 3
"""Faults with a test of their own: a low bit rate, a text under the platform's buttons, a text too small."""
CHEAP = frozenset({"fragmented", "22 kHz", "time code", "colours of standard definition"})
"""Faults that `make test` tries too."""


def chosen(names: dict[str, object] | tuple[str, ...]) -> list[object]:
    return [name if name in CHEAP else pytest.param(name, marks=pytest.mark.long) for name in names]


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> FilmChecker:
    return checker_in(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def film_of(tmp_path_factory: pytest.TempPathFactory) -> MadeFilm:
    """The film of a name, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("films")
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            plain = make("tests, fast") if name in MORE_COPIES else None
            film = folder / f"{len(made)}.mp4"
            if plain is not None:
                before, after, _ = MORE_COPIES[name]
                ffmpeg(*before, "-i", plain, "-i", plain, "-c", "copy", *after, film)
            else:
                ffmpeg(*_args(name), film)
            made[name] = film
        return made[name]

    return make


def _args(name: str) -> list[str]:
    if name in LENGTHS:
        return lasting(LENGTHS[name])
    return SIXTY_GOOD[name] if name in SIXTY_GOOD else MORE_FAULTY[name][0]


def test_there_are_sixty_of_each() -> None:
    assert len(SIXTY_GOOD) >= 60
    assert len(FAULTY) + len(COPIES) + len(MORE_FAULTY) + len(MORE_COPIES) + len(LENGTHS) + MORE >= 60


@pytest.mark.long
@pytest.mark.parametrize("name", SIXTY_GOOD)
def test_a_good_film_raises_no_alarm(checker: FilmChecker, film_of: MadeFilm, name: str) -> None:
    assert broken(checker, film_of(name)) == set()


@pytest.mark.parametrize("name", chosen({**MORE_FAULTY, **MORE_COPIES}))
def test_each_fault_is_found_and_no_other(checker: FilmChecker, film_of: MadeFilm, name: str) -> None:
    expected = MORE_FAULTY[name][1] if name in MORE_FAULTY else MORE_COPIES[name][2]
    assert broken(checker, film_of(name)) == expected


@pytest.mark.parametrize("name", chosen(MORE_MENDED))
def test_what_can_be_mended_is(checker: FilmChecker, film_of: MadeFilm, tmp_path: Path, name: str) -> None:
    out = tmp_path / "mended.mp4"
    mended = checker.mend(film_of(name), checker.placements["short"], out)
    assert mended.left == ()
    assert mended.done
    read = ffmpeg("-i", out)
    assert len(re.findall(r"Stream #", read)) == 2
    assert re.search(r"Video: h264 .*yuv420p.* 30 fps", read), read
    assert re.search(r"Audio: (aac|mp3) .*4[48]\d00 Hz, stereo", read), read


@pytest.mark.long
@pytest.mark.parametrize("name", MORE_NOT_MENDED)
def test_what_cannot_be_mended_is_said(checker: FilmChecker, film_of: MadeFilm, tmp_path: Path, name: str) -> None:
    mended = checker.mend(film_of(name), checker.placements["short"], tmp_path / "mended.mp4")
    assert any(MORE_NOT_MENDED[name] in what for what in mended.left), mended.left


@pytest.mark.long
def test_lengths_are_found_and_the_longer_film_is_cut(checker: FilmChecker, film_of: MadeFilm, tmp_path: Path) -> None:
    assert [broken(checker, film_of(name), "longer") for name in LENGTHS] == [{"seconds"}, {"seconds"}]
    cut = checker.mend(film_of("31 s"), checker.placements["longer"], tmp_path / "cut.mp4")
    assert (cut.measured.frames, cut.left) == (900, ())
    short = checker.mend(film_of("5.9 s"), checker.placements["longer"], tmp_path / "short.mp4")
    assert any("length is 5.9 s" in what for what in short.left)


@pytest.mark.long
def test_a_low_bit_rate_is_found_and_raised(checker: FilmChecker, tmp_path: Path) -> None:
    film, out = tmp_path / "low.mp4", tmp_path / "mended.mp4"
    ffmpeg(*LOW_RATE, film)
    assert broken(checker, film, "rich") == {"video_kbps"}
    mended = checker.mend(film, checker.placements["rich"], out)
    assert mended.left == ()
    assert mended.measured.video_kbps >= 100


@pytest.mark.long
def test_words_under_the_buttons_and_small_words_are_found(checker: FilmChecker, tmp_path: Path) -> None:
    film = tmp_path / "tall.mp4"
    ffmpeg(*source(chain="scale=108:192,setsar=1"), *FIRST, film)
    low = ShownWords("headline", "Buy", Box(20, 150, 90, 170), 0, 50, 3.0, ())
    add_words(film, FrameSize(108, 192), (low,))
    tall, wide = checker.check(film, ["meta-reels", "amazon-sponsored-brands"]).judgements
    assert tall.zone is not None
    assert (tall.zone.outcome, len(tall.zone.covered)) == (Outcome.FAILED, 1)
    small = [verdict for verdict in wide.verdicts if verdict.rule.field.startswith("text_")]
    assert small
    assert all(verdict.failed for verdict in small)
