"""What the command line refuses before it looks at any file, and the options that its commands share."""

from __future__ import annotations

import inspect
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adreel.agents.output import Existing
from adreel.cli import films
from adreel.cli.buying import REPORTED
from adreel.cli.film_options import SPOKEN, output, with_line_breaks
from adreel.cli.main import app, main
from adreel.cli.tables import table
from adreel.cli.voicing import read_voicing
from adreel.domain.errors import InputError, TextError
from adreel.domain.films.film_options import FilmOptions


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--prompt", "a mug"], "--engine replicate --prompt"),
        (["red.jpg", "--images", "2"], "leave out --images and --image-model"),
        (["red.jpg", "--image-model", "flux-pro"], "leave out --images and --image-model"),
        (["red.jpg", "--engine", "elsewhere"], "unknown engine 'elsewhere'; choose local, replicate"),
        (["red.jpg", "--engine", "replicate/"], "unknown engine 'replicate/'"),
        (["red.jpg", "--engine", "local/x"], "unknown engine 'local/x'"),
    ],
)
def test_engines_do_what_they_can(args: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["make", *args])
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)


@pytest.mark.parametrize(
    ("voice", "language", "words"),
    [
        ("", None, "'' names no voice"),
        ("a/" * 3000, None, "names no voice"),
        ("lines.wav", "de", "a recording has the language that it has"),
        ("on", "de", "the offline voice speaks English"),
        ("recordings/", None, "MODEL[:VOICE]"),
    ],
)
def test_a_voice_that_cannot_be_is_refused(voice: str, language: str | None, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_voicing(voice, language)
    assert words.replace("[:VOICE]", "") in str(caught.value)


@pytest.mark.parametrize("command", ["make", "compose"])
def test_a_command_without_anything_shows_its_help(command: str) -> None:
    result = CliRunner().invoke(app, [command])
    assert f"Usage: root {command} [OPTIONS]" in result.output
    assert "--transition" in result.output


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "0", "-1", "0.49", "30.1", "1e9"])
def test_a_length_that_is_not_possible_is_refused_before_a_photo_is_read(seconds: str, tmp_path: Path) -> None:
    args = ["make", "missing.jpg", f"--clip-seconds={seconds}", "--out", str(tmp_path / "ad.mp4")]
    result = CliRunner().invoke(app, args, env={"ADREEL_DATA_DIR": str(tmp_path / "data")})
    assert isinstance(result.exception, InputError)
    assert "choose between 0.5 and 30 seconds" in str(result.exception)


def test_a_character_that_no_font_has_is_named_before_a_photo_is_read(tmp_path: Path) -> None:
    (tmp_path / "not-a-photo.jpg").write_bytes(b"x")
    args = ["make", str(tmp_path / "not-a-photo.jpg"), "--name", "茶 \U0002a6d6", "--out", str(tmp_path / "ad.mp4")]
    result = CliRunner().invoke(app, args, env={"ADREEL_DATA_DIR": str(tmp_path / "data")})
    assert isinstance(result.exception, TextError)
    assert "no available font shows '\U0002a6d6' (U+2A6D6" in str(result.exception)


def test_the_output_is_numbered_refused_or_replaced() -> None:
    assert output(None, overwrite=False) == (Path("ad.mp4"), Existing.NUMBER)
    assert output(Path("a.mp4"), overwrite=False) == (Path("a.mp4"), Existing.REFUSE)
    assert output(Path("a.mp4"), overwrite=True) == (Path("a.mp4"), Existing.REPLACE)


def test_the_way_out_of_an_existing_file_is_a_flag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    clip, film = tmp_path / "clip.mp4", tmp_path / "film.mp4"
    clip.touch()
    film.touch()
    monkeypatch.setenv("ADREEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sys.argv", ["adreel", "compose", str(clip), "--out", str(film)])
    monkeypatch.setattr("gc.freeze", lambda: None)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith("or allow it to be replaced (--overwrite)\n")


def test_a_typed_line_break_is_one_in_the_texts_of_cards_only() -> None:
    film = {"name": r"Morning\nMug", "cta": "Order\ntoday", "music": r"C:\new.mp3", "seed": 1}
    assert with_line_breaks(film) == {**film, "name": "Morning\nMug"}


def test_the_shell_completes_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    def completed(words: str, place: int) -> set[str]:
        env = {"_ROOT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
        return set(CliRunner().invoke(app, [], env=env).output.split())

    assert {"make", "compose"} <= completed("root ", 1)
    assert "--overwrite" in completed("root make --over", 2)
    assert {"backup", "restore"} <= completed("root db ", 2)


@pytest.mark.parametrize("budget", ["lots", "-1", "inf", "NaN", "$"])
def test_a_budget_is_an_amount(budget: str) -> None:
    result = CliRunner().invoke(app, ["make", "red.jpg", f"--budget={budget}"])
    assert result.exit_code == 2
    assert "such as 5.00" in result.output


def test_both_commands_have_every_option_of_a_film() -> None:
    wanted = {field.name for field in fields(FilmOptions)} - {"fit"}
    # A film of clips has no script that could be spoken.
    for command, left_out in ((films.make, ()), (films.compose, SPOKEN)):
        assert wanted - {*left_out} <= set(inspect.signature(command).parameters)


def test_columns_line_up() -> None:
    lines = table(("NAME", "PRICE"), [("a", "1.50"), ("longer", "12.00")], right=frozenset({1})).splitlines()
    assert lines == ["NAME    PRICE", "a        1.50", "longer  12.00"]


def test_the_loggers_that_are_silenced_exist() -> None:
    assert [name for name in REPORTED if find_spec(name) is None] == []
