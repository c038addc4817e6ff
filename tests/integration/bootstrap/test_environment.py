"""Settings from the environment and from a ``.env`` file of any origin."""

from __future__ import annotations

from pathlib import Path

import pytest

from adreel.bootstrap.settings import Settings, read_settings, unknown_variables
from adreel.domain.errors import InputError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_file_in_any_encoding_sets_what_it_says(encoding: str) -> None:
    text = "ADREEL_JOBS=7\r\n# Schl\xfcssel\r\nexport adreel_cache_gb='3.5'\r\nOTHER=\xe4\r\n"
    Path(".env").write_bytes(text.encode(encoding))
    settings = read_settings()
    assert (settings.jobs, settings.cache_gb) == (7, 3.5)


@pytest.mark.parametrize("value", ["ADREEL_DATA_DIR=/tmp/\xfc", "ADREEL_S3_BUCKET=\xe9"])
def test_a_setting_that_cannot_be_read_names_the_file(value: str, tmp_path: Path) -> None:
    Path(".env").write_bytes(value.encode("latin-1"))
    with pytest.raises(InputError, match="save it as UTF-8") as refusal:
        read_settings()
    assert str(tmp_path / ".env") in str(refusal.value)


@pytest.mark.parametrize("content", [b"\xff\xfeA", b"\xff\xfe\x00\xd8"])
def test_a_broken_file_is_refused_in_one_line(content: bytes) -> None:
    Path(".env").write_bytes(content)
    with pytest.raises(InputError, match=r"\.env"):
        read_settings()


def test_a_folder_named_as_the_file_is_ignored() -> None:
    Path(".env").mkdir()
    read_settings()


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ADREEL_{name.upper()}", raising=False)
    usual = read_settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"ADREEL_{name.upper()}", value)
    assert read_settings() == usual
    Path(".env").write_text("".join(f"ADREEL_{name.upper()}={value}\n" for name in Settings.model_fields))
    assert read_settings() == usual


def test_an_empty_variable_does_not_hide_the_one_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("ADREEL_JOBS=3\n", encoding="utf-8")
    monkeypatch.setenv("ADREEL_JOBS", "")
    # Compose passes an empty value for what its own environment lacks: unset, so that the file counts.
    assert read_settings().jobs == 3
    monkeypatch.setenv("ADREEL_JOBS", "5")
    assert read_settings().jobs == 5


def test_a_mistyped_variable_is_named_with_the_nearest_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADREEL_JOSB", "secret-value")
    Path(".env").write_text("ADREEL_REPLICATE_TOKEN=r8_x\nADREEL_XYZZY=1\n", encoding="utf-8")
    found = unknown_variables()
    assert found == (
        "ADREEL_JOSB is no setting of adreel; did you mean ADREEL_JOBS?",
        "ADREEL_REPLICATE_TOKEN is no setting of adreel; did you mean ADREEL_REPLICATE_API_TOKEN?",
        "ADREEL_XYZZY is no setting of adreel and has no effect",
    )
