from __future__ import annotations

from support_cli import Adreel


def test_doctor_says_that_all_is_well(adreel: Adreel) -> None:
    ran = adreel("doctor")
    assert ran.code == 0, ran.out
    for word in ("ffmpeg", "typst", "text in Arabic", "disk", "ADREEL_DATA_DIR"):
        assert word in ran.out


def test_doctor_finds_a_missing_ffmpeg(adreel: Adreel) -> None:
    ran = adreel("doctor", ADREEL_FFMPEG="/no/such/ffmpeg")
    assert ran.code == 1
    assert "FAIL  ffmpeg" in ran.out


def test_a_wrong_setting_is_one_line(adreel: Adreel) -> None:
    ran = adreel("doctor", ADREEL_JOBS="many")
    assert ran.code == 2
    assert "ADREEL_JOBS" in ran.err
    assert "Traceback" not in ran.err


def test_version(adreel: Adreel) -> None:
    assert adreel("--version").out.startswith("adreel 0.")
