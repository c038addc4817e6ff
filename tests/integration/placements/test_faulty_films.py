"""Small films with one fault each, made by ffmpeg: each fault is found, nothing else is, and what can be mended is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from adreel.placements.checking import UNREADABLE, FilmChecker
from adreel.placements.isolated import read_facts_isolated
from adreel.placements.streams import read_facts
from support.faulty_films import FIRST, PICTURE, SOUND, box, broken, checker_in, ffmpeg, source

WHOLE = "0:0:iw:ih"
MOVING = "color={}:s=192x108:r=30:d=2[ground];color={}:s=40x60:r=30:d=2[product];[ground][product]overlay=x=30+n:y=20"
DARK_TOP = f"{box('0:0:iw:ih/2')},gblur=sigma=12:enable='1'"

GOOD: Mapping[str, list[str]] = {
    "plain": [*source(), *FIRST],
    "dark": [*source(chain="eq=brightness=-0.35:contrast=0.5"), *FIRST],
    "dark above a soft edge": [*source(chain=DARK_TOP), *FIRST],
    "product on black": [*source(MOVING.format("black", "white")), *FIRST],
    "on white": [*source(MOVING.format("white", "red")), *FIRST],
    "b-frames": [*source(), "-bf", "3", "-preset", "medium", *FIRST],
}
FAULTY: Mapping[str, tuple[list[str], set[str]]] = {
    "black tail": ([*source(chain=box(WHOLE, "gte(t,1.8)")), *FIRST], {"black_end_frames", "abrupt_end"}),
    "black head": ([*source(chain=box(WHOLE, "lt(n,2)")), *FIRST], {"black_start_frames"}),
    "one black frame at the end": (
        [*source(chain=box(WHOLE, "gte(n,59)")), *FIRST],
        {"black_end_frames", "abrupt_end"},
    ),
    "empty tail": ([*source(chain=box(WHOLE, "gte(t,1.8)", "white")), *FIRST], {"empty_end_frames", "abrupt_end"}),
    "empty head": ([*source(chain=box(WHOLE, "lt(n,3)", "gray")), *FIRST], {"empty_start_frames"}),
    "silent": ([*source(sound="anullsrc=r=48000:cl=stereo:d=2"), *FIRST], {"silent", "loudness"}),
    "no sound": ([*source(sound=None), *FIRST], {"has_audio"}),
    "29.97": ([*source(PICTURE.replace("r=30", "r=30000/1001")), *FIRST], {"frame_rate"}),
    "25": ([*source(PICTURE.replace("r=30", "r=25")), *FIRST], {"frame_rate"}),
    "variable rate": (
        [*source(chain="select='not(eq(mod(n,7),3))'"), "-fps_mode", "vfr", *FIRST],
        {"constant_rate", "frame_rate"},
    ),
    "short": ([*source(), "-t", "1.3", *FIRST], {"seconds", "abrupt_end"}),
    "long": (
        [*source(PICTURE.replace("d=2", "d=3"), SOUND.replace("d=2", "d=3").replace("st=1.3", "st=2.3")), *FIRST],
        {"seconds"},
    ),
    "loud": ([*source(sound=SOUND.replace("volume=6dB", "volume=18dB")), *FIRST], {"loudness"}),
    "quiet": ([*source(sound=SOUND.replace("volume=6dB", "volume=-12dB")), *FIRST], {"loudness"}),
    "cut sound": ([*source(sound=SOUND.replace(",afade=t=out:st=1.3:d=0.5", "")), *FIRST], {"abrupt_end"}),
    "index last": (source(), {"index_first"}),
    "4:2:2": ([*source(), "-pix_fmt", "yuv422p", *FIRST], {"chroma"}),
    "4:4:4": ([*source(), "-pix_fmt", "yuv444p", *FIRST], {"chroma"}),
    "anamorphic": ([*source(chain="scale=96:108,setsar=2"), *FIRST], {"square_pixels"}),
    "interlaced": ([*source(chain="setfield=tff"), "-flags", "+ilme+ildct", *FIRST], {"progressive"}),
    "square": ([*source(chain="crop=108:108"), *FIRST], {"aspect"}),
    "mono": ([*source(), "-ac", "1", *FIRST], {"audio_channels"}),
    "mp3": ([*source(), "-c:a", "libmp3lame", *FIRST], {"audio_codec"}),
    "mpeg-4 part 2": ([*source(), "-c:v", "mpeg4", "-q:v", "3", *FIRST], {"video_codec"}),
    "frozen": ([*source(chain="trim=end=0.8,tpad=stop_mode=clone:stop_duration=1.2"), *FIRST], {"frozen_seconds"}),
    "another shot at the end": ([*source(chain="negate=enable='gte(t,1.8)'"), *FIRST], {"abrupt_end"}),
    "bar of 1 px above": ([*source(chain=box("0:0:iw:1")), *FIRST], {"bars"}),
    "bar of 1 px at the left": ([*source(chain=box("0:0:1:ih")), *FIRST], {"bars"}),
    "bar of 2 px below": ([*source(chain=box("0:ih-2:iw:2")), *FIRST], {"bars"}),
    "letterbox": ([*source(chain=f"{box('0:0:iw:20')},{box('0:ih-20:iw:20')}"), *FIRST], {"bars"}),
    "bars on all sides": (
        [*source(chain="scale=128:72,pad=192:108:32:18"), *FIRST],
        {"bars"},
    ),
    "pillarbox": ([*source(chain=f"{box('0:0:30:ih')},{box('iw-30:0:30:ih')}"), *FIRST], {"bars"}),
}
COPIES: Mapping[str, tuple[list[str], list[str], set[str]]] = {
    "two video streams": ([], ["-map", "0", "-map", "0:v", *FIRST], {"video_streams"}),
    "edit list": (["-ss", "0.4"], [*FIRST], {"edit_list"}),
    "rotated": (["-display_rotation", "90"], [*FIRST], {"rotation", "aspect"}),
    "matroska": ([], ["-f", "matroska"], {"container"}),
    "mov": ([], ["-f", "mov", *FIRST], {"container"}),
}
"""Copies of the plain film: input options, output options, fields that are wrong."""

MENDED = (
    *("black tail", "black head", "29.97", "25", "variable rate", "long", "loud", "quiet", "cut sound", "index last"),
    *(
        "4:2:2",
        "anamorphic",
        "interlaced",
        "mp3",
        "mono",
        "bar of 1 px above",
        "two video streams",
        "edit list",
        "matroska",
    ),
)
NOT_MENDED = {
    "no sound": "sound is no",
    "short": "length is 1.3",
    "letterbox": "black bars is 20",
    "silent": "silent is yes",
}


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
