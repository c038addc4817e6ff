from __future__ import annotations

import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adreel.media.segments import decode
from support import forked
from support.cli import Adreel, decoded_frames
from support.fuzz import broken_avif
from support.small_films import SMALL_ADREEL

SHORT = ("--clip-seconds", "0.5", "--json")


def test_one_photo_becomes_an_ad(adreel: Adreel, photos: dict[str, Path]) -> None:
    ran = adreel("make", photos["white"], "--name", "Morgen Mug", "--prompt", "calm morning", *SHORT)
    assert ran.code == 0, ran.err
    film = ran.film
    assert (film["width"], film["height"], film["fps"], film["cost"]) == (320, 180, 30, "0.00")
    assert film["frames"] == 30 + 4 * 15 + 30 == decoded_frames(ran.path)
    assert film["duration"] == 4.0
    assert film["size_bytes"] == ran.path.stat().st_size
    assert [clip["image"] for clip in film["clips"]] == [
        f"Photo 1, {framing}" for framing in ("whole", "close-up", "from an angle", "wide")
    ]
    views = [clip["view_type"] for clip in film["clips"]]
    assert len(views) == 4
    assert all(before != after for before, after in pairwise(views))
    assert all(
        set(clip) == {"id", "image", "view_type", "camera_movement", "motion_intensity", "frames"}
        for clip in film["clips"]
    )
    assert all(check["passed"] for check in film["checks"])
    assert len(film["checks"]) >= 9
    assert "100 %  complete" in ran.err


def test_many_photos_become_one_clip_each_and_a_new_cta_keeps_them(adreel: Adreel, photos: dict[str, Path]) -> None:
    paths = [photos["white"], photos["cut"], photos["tall"], photos["wide"]]
    base = ("make", *paths, "--name", "Four", "--music", "luxury", "--transition", "crossfade", *SHORT)
    slow = ("--clip-seconds", "1")
    first = adreel(*base, *slow, "--cta", "Buy now")
    second = adreel(*base, *slow, "--cta", "Learn more")
    assert first.code == second.code == 0, first.err + second.err
    assert first.film["frames"] == 30 * 6 - 15 * 5 == decoded_frames(second.path)
    old, new = (list(decode.decode_frames(ran.path)) for ran in (first, second))
    same = [bool(np.array_equal(a, b)) for a, b in zip(old, new, strict=True)]
    # The last crossfade and the outro card are new, everything before is bit for bit what it was.
    assert all(same[: len(same) - 30])
    assert not any(same[-10:])


def test_portrait_with_no_cards_and_no_music(adreel: Adreel, photos: dict[str, Path]) -> None:
    ran = adreel("make", photos["cut"], photos["tall"], "--aspect", "9:16", "--cta", "", "--music", "none", *SHORT)
    assert ran.code == 0, ran.err
    assert (ran.film["width"], ran.film["height"], ran.film["frames"]) == (180, 320, 30)
    with decode.open_mp4(ran.path) as film:
        assert len(film.streams.audio) == 0


def test_words_are_shown_as_they_are(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    name = 'L\'Oréal: 100% "pure" $(touch hacked) \\ [in]; 你好 مرحبا 🎉\n--cta'
    ran = adreel(
        "make", photos["tall"], photos["wide"], "--name", name, "--cta", "`touch hacked`", "--music", "none", *SHORT
    )
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ad.mp4", "ad.passport.html", "ad.passport.json"]


def test_films_are_not_overwritten_by_default(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    args = ("make", photos["tall"], photos["wide"], "--cta", "", "--music", "none", *SHORT)
    assert [adreel(*args).path.name for _ in range(2)] == ["ad.mp4", "ad-2.mp4"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing.jpg"], "missing.jpg"),
        (["text.jpg"], "text.jpg"),
        (["empty.jpg"], "empty.jpg"),
        (["tiny.png"], "tiny.png"),
        (["{white}", "--color", "red"], "#RRGGBB"),
        (["{white}", "--aspect", "21:9"], "16:9, 9:16"),
        (["{white}", "--music", "polka"], "upbeat"),
        (["{white}", "--clip-seconds", "0.1"], "between 0.5 and 30"),
        (["{white}", "--intro-seconds", "99"], "0.5 to 10"),
        (["{white}", "--clip-seconds", "0.8", "--transition", "crossfade"], "white.jpg lasts 0.80 s"),
        (["{white}", "--out", "no/folder/ad.mp4"], "no/folder/ad.mp4"),
        (["{white}", "--out", "ad.avi"], ".mp4"),
        (["{white}", "--font", "No Such Face"], "No Such Face"),
        (["{white}", "--name", "x" * 300], "200"),
        (["{white}", "--name", "\u3164"], "would be invisible"),
        (["{white}", "--cta", "\uffa0"], "would be invisible"),
        (["broken.avif"], "broken.avif"),
        (["{white}", "--transition", "wipe"], "wipe"),
        ([], "photos"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    adreel: Adreel, photos: dict[str, Path], tmp_path: Path, args: list[str], words: str
) -> None:
    (tmp_path / "text.jpg").write_text("no picture at all")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "broken.avif").write_bytes(broken_avif())
    (tmp_path / "tiny.png").write_bytes(photos["white"].read_bytes()[:2000])
    ran = adreel("make", *(arg.format(white=photos["white"]) for arg in args))
    assert ran.code == 2
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not list(tmp_path.glob("*.mp4"))


def test_ctrl_c_stops_at_once_and_leaves_nothing(photos: dict[str, Path], tmp_path: Path) -> None:
    command = [*SMALL_ADREEL, "make", str(photos["white"]), "--clip-seconds", "30", "--out", "ad.mp4"]
    environment = {"ADREEL_DATA_DIR": str(tmp_path / "data"), "PATH": ""}
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as printed:  # noqa: PTH123 (a pipe)
        with open(writing, "wb") as output:  # noqa: PTH123
            process = forked.start(command, cwd=tmp_path, env=environment, stdout=output, stderr=output)
        for line in printed:
            if "making clips" in line:
                break
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        rest = printed.read()
    assert process.wait(timeout=20) == 130
    assert "stopped" in rest
    assert "Traceback" not in rest
    assert not (tmp_path / "ad.mp4").exists()
    assert not list((tmp_path / "data").rglob(".part-*"))


def test_kill_9_loses_no_finished_clip(photos: dict[str, Path], tmp_path: Path) -> None:
    command = [*SMALL_ADREEL, "make", str(photos["white"]), "--clip-seconds", "0.7", "--out", "ad.mp4"]
    environment = {"ADREEL_DATA_DIR": str(tmp_path / "data"), "ADREEL_JOBS": "1", "PATH": ""}
    segments = tmp_path / "data" / "cache" / "segments"

    def finished() -> dict[str, int]:
        return {path.name: path.with_suffix(".mp4").stat().st_mtime_ns for path in segments.glob("*.json")}

    with open(os.devnull, "wb") as nothing:  # noqa: PTH123
        process = forked.start(command, cwd=tmp_path, env=environment, stdout=nothing, stderr=nothing)
    deadline = time.monotonic() + 60
    while not finished() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = finished()
    assert before
    assert not (tmp_path / "ad.mp4").exists()
    done = forked.run(command, cwd=tmp_path, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr
    assert before.items() <= finished().items()
    assert decoded_frames(tmp_path / "ad.mp4") == 4 * 21 + 30
