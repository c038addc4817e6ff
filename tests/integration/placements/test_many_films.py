"""Sixty good films raise no alarm, and each of sixty faults is found; beside those of `test_faulty_films`, which run always."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from adreel.placements.checking import FilmChecker
from support.faulty_films import FIRST, PICTURE, SOUND, box, broken, checker_in, ffmpeg, source

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

LOOKS = {
    "plain": "null",
    "bright": "eq=brightness=0.25",
    "dim": "eq=brightness=-0.25:contrast=0.7",
    "grey": "hue=s=0",
    "turned": "hflip,vflip",
    "grainy": "noise=alls=18:allf=t",
    "soft": "gblur=sigma=3",
    "dark corners": "vignette=PI/4",
    "hued": "hue=h=90*t",
}
CODINGS: Mapping[str, list[str]] = {
    "best": ["-preset", "fast", "-qp", "8"],
    "coarse": ["-qp", "36"],
    "b-frames": ["-preset", "medium", "-bf", "3"],
    "short gop": ["-g", "5"],
    "long gop": ["-g", "250", "-preset", "faster"],
    "constant": ["-b:v", "800k", "-minrate", "800k", "-maxrate", "800k", "-bufsize", "800k"],
}
GOOD = {f"{look}, {coding}": (LOOKS[look], CODINGS[coding]) for look, coding in product(LOOKS, CODINGS)}

WHOLE = "0:0:iw:ih"
BLACK, CUT = "black_end_frames", "abrupt_end"


def of_length(seconds: float) -> list[str]:
    sound = SOUND.replace("d=2", f"d={seconds}").replace("st=1.3", f"st={seconds - 0.7}")
    return [*source(PICTURE.replace("d=2", f"d={seconds}"), sound), *FIRST]


FAULTY: Mapping[str, tuple[list[str], set[str]]] = {
    **{
        f"black tail of {count}": ([*source(chain=box(WHOLE, f"gte(n,{60 - count})")), *FIRST], {BLACK, CUT})
        for count in (2, 5, 12)
    },
    **{
        f"black head of {count}": ([*source(chain=box(WHOLE, f"lt(n,{count})")), *FIRST], {"black_start_frames"})
        for count in (1, 9)
    },
    **{f"bar of {width} px": ([*source(chain=box(f"0:0:iw:{width}")), *FIRST], {"bars"}) for width in (3, 5, 8, 13)},
    **{
        f"bars of {width} px at the sides": (
            [*source(chain=f"{box(f'0:0:{width}:ih')},{box(f'iw-{width}:0:{width}:ih')}"), *FIRST],
            {"bars"},
        )
        for width in (2, 7, 24)
    },
    **{
        f"{rate} frames per second": ([*source(PICTURE.replace("r=30", f"r={rate}")), *FIRST], {"frame_rate"})
        for rate in ("24", "24000/1001", "50", "60", "15")
    },
    "2.6 s": (of_length(2.6), {"seconds"}),
    "1.2 s": (of_length(1.2), {"seconds"}),
    "far too loud": ([*source(sound=SOUND.replace("volume=6dB", "volume=22dB")), *FIRST], {"loudness"}),
    "white head": ([*source(chain=box(WHOLE, "lt(n,5)", "white")), *FIRST], {"empty_start_frames"}),
}
COPIES: Mapping[str, tuple[list[str], list[str], set[str]]] = {
    "turned round": (["-display_rotation", "180"], [*FIRST], {"rotation"}),
    "three video streams": ([], ["-map", "0", "-map", "0:v", "-map", "0:v", *FIRST], {"video_streams"}),
    "flash video": ([], ["-f", "flv"], {"container"}),
    "transport stream": ([], ["-f", "mpegts"], {"container"}),
}


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> FilmChecker:
    return checker_in(tmp_path_factory.mktemp("rules"))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_film_raises_no_alarm(checker: FilmChecker, tmp_path: Path, name: str) -> None:
    chain, coding = GOOD[name]
    ffmpeg(*source(chain=chain), *coding, *FIRST, tmp_path / "film.mp4")
    assert broken(checker, tmp_path / "film.mp4") == set()


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_is_found_and_no_other(checker: FilmChecker, tmp_path: Path, name: str) -> None:
    ffmpeg(*FAULTY[name][0], tmp_path / "film.mp4")
    assert broken(checker, tmp_path / "film.mp4") == FAULTY[name][1]


@pytest.mark.parametrize("name", COPIES)
def test_each_fault_of_a_copy_is_found_and_no_other(checker: FilmChecker, tmp_path: Path, name: str) -> None:
    before, after, expected = COPIES[name]
    ffmpeg(*source(), *FIRST, tmp_path / "plain.mp4")
    ffmpeg(*before, "-i", tmp_path / "plain.mp4", "-c", "copy", *after, tmp_path / "film.mp4")
    assert broken(checker, tmp_path / "film.mp4") == expected
