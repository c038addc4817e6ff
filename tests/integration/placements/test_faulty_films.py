"""Small films with one fault each, made by ffmpeg: each fault is found, nothing else is, and what can be mended is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from adreel.placements.checking import UNREADABLE, FilmChecker
from adreel.placements.isolated import read_facts_isolated
from adreel.placements.streams import read_facts
from support.faulty_films import broken, checker_in, ffmpeg
from support.film_faults import COPIES, FAULTY, GOOD, MENDED, NOT_MENDED


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> FilmChecker:
    return checker_in(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every film, made once."""
    folder = tmp_path_factory.mktemp("films")
    made = {name: folder / f"{number}.mp4" for number, name in enumerate([*GOOD, *FAULTY, *COPIES])}
    for name, args in {**GOOD, **{name: args for name, (args, _) in FAULTY.items()}}.items():
        ffmpeg(*args, made[name])
    for name, (before, after, _) in COPIES.items():
        ffmpeg(*before, "-i", made["plain"], "-c", "copy", *after, made[name])
    return made


@pytest.mark.parametrize("name", GOOD)
def test_a_good_film_raises_no_alarm(checker: FilmChecker, films: Mapping[str, Path], name: str) -> None:
    assert broken(checker, films[name]) == set()


@pytest.mark.parametrize("name", [*FAULTY, *COPIES])
def test_each_fault_is_found_and_no_other(checker: FilmChecker, films: Mapping[str, Path], name: str) -> None:
    expected = FAULTY[name][1] if name in FAULTY else COPIES[name][2]
    assert broken(checker, films[name]) == expected


@pytest.mark.parametrize("name", MENDED)
def test_what_can_be_mended_is(checker: FilmChecker, films: Mapping[str, Path], tmp_path: Path, name: str) -> None:
    out = tmp_path / "mended.mp4"
    mended = checker.mend(films[name], checker.placements["short"], out)
    assert mended.left == ()
    assert mended.done
    read = ffmpeg("-i", out)
    assert len(re.findall(r"Stream #", read)) == 2
    assert re.search(r"Video: h264 .*yuv420p.* 192x108.* 30 fps", read), read
    assert re.search(r"Audio: aac .*48000 Hz, stereo", read), read
    assert re.search(r"Duration: 00:00:0[12]\.", read)


@pytest.mark.parametrize("name", NOT_MENDED)
def test_what_cannot_be_mended_is_said(
    checker: FilmChecker, films: Mapping[str, Path], tmp_path: Path, name: str
) -> None:
    mended = checker.mend(films[name], checker.placements["short"], tmp_path / "mended.mp4")
    assert any(NOT_MENDED[name] in what for what in mended.left), mended.left


def test_frames_and_bars_are_counted_exactly(checker: FilmChecker, films: Mapping[str, Path]) -> None:
    black = checker.check(films["black tail"], ["short"]).measured
    bars = checker.check(films["pillarbox"], ["short"]).measured
    assert black is not None
    assert bars is not None
    assert (black.black_start_frames, black.black_end_frames, black.frames) == (0, 6, 60)
    assert (bars.bars_top, bars.bars_bottom, bars.bars_left, bars.bars_right) == (0, 0, 30, 30)


def test_a_process_of_its_own_reads_the_same(films: Mapping[str, Path]) -> None:
    assert read_facts_isolated(films["29.97"]) == read_facts(films["29.97"])


@pytest.mark.parametrize("content", [b"", b"no film", b"\0\0\0\x18ftypmp42" + bytes(400)])
def test_a_file_that_is_no_film_is_unreadable(checker: FilmChecker, tmp_path: Path, content: bytes) -> None:
    film = tmp_path / "a.mp4"
    film.write_bytes(content)
    for read in (read_facts, read_facts_isolated):
        report = FilmChecker(checker.ffmpeg, checker.own, read).check(film, ["short"], "their.mp4")
        assert report.grade == UNREADABLE
        assert report.error.startswith("their.mp4 ")


def test_half_a_film_is_unreadable(checker: FilmChecker, films: Mapping[str, Path], tmp_path: Path) -> None:
    film = tmp_path / "half.mp4"
    data = films["plain"].read_bytes()
    film.write_bytes(data[: len(data) // 2])
    assert checker.check(film, ["short"]).grade == UNREADABLE
