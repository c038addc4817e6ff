from __future__ import annotations

import json

from support.cli import Adreel


def test_doctor_says_that_all_is_well(adreel: Adreel) -> None:
    ran = adreel("doctor")
    assert ran.code == 0, ran.out
    for word in ("ffmpeg", "typst", "text in Arabic", "disk", "ADREEL_DATA_DIR"):
        assert word in ran.out


def test_doctor_finds_a_missing_ffmpeg(adreel: Adreel) -> None:
    ran = adreel("doctor", ADREEL_FFMPEG="/no/such/ffmpeg")
    assert ran.code == 1
    assert "FAIL  ffmpeg" in ran.out


def test_doctor_answers_programs_with_one_json_object(adreel: Adreel) -> None:
    """Bug reports ask for it: it must be whole, and show no credentials."""
    well = adreel("doctor", "--json", ADREEL_PUBLIC_URL="https://ada:geheim@films.example")
    report = json.loads(well.out)
    assert (well.code, report["ok"]) == (0, True)
    assert {"name": "ffmpeg", "ok": True, "needed": True}.items() <= next(
        finding for finding in report["findings"] if finding["name"] == "ffmpeg"
    ).items()
    assert "geheim" not in well.out
    ill = adreel("doctor", "--json", ADREEL_FFMPEG="/no/such/ffmpeg")
    assert (ill.code, json.loads(ill.out)["ok"]) == (1, False)


def test_a_wrong_setting_is_one_line(adreel: Adreel) -> None:
    ran = adreel("doctor", ADREEL_JOBS="many")
    assert ran.code == 2
    assert "ADREEL_JOBS" in ran.err
    assert "Traceback" not in ran.err


def test_version(adreel: Adreel) -> None:
    assert adreel("--version").out.startswith("adreel 0.")


def test_no_credentials_of_a_url_are_shown(adreel: Adreel) -> None:
    urls = ("DATABASE_URL", "S3_ENDPOINT", "S3_PUBLIC_URL", "PUBLIC_URL", "REPLICATE_BASE_URL", "CORS_ORIGINS")
    ran = adreel("doctor", **{f"ADREEL_{name}": f"https://ada:geheim@{name}.example?token=geheim" for name in urls})
    assert "geheim" not in ran.out + ran.err
    assert "https://***@S3_ENDPOINT.example?token=***" in ran.out
    assert "ADREEL_DATABASE_URL=(set)" in ran.out


def test_errors_show_no_credentials_either(adreel: Adreel) -> None:
    for name in ("PUBLIC_URL", "DATABASE_URL", "S3_ENDPOINT"):
        ran = adreel(
            "serve", "--port", "0", **{f"ADREEL_{name}": "ftp://ada:geheim@host.example", "ADREEL_S3_BUCKET": "b"}
        )
        assert ran.code != 0
        assert "geheim" not in ran.out + ran.err, name
