"""What the command line refuses before it looks at any file, and the options that its commands share."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest
from typer.testing import CliRunner

from adreel.cli import films
from adreel.cli.main import app
from adreel.cli.tables import table
from adreel.domain.errors import InputError
from adreel.options import FilmOptions


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "give product photos, or name an engine that makes images"),
        (["--prompt", "a mug"], "--engine replicate --prompt"),
        (["red.jpg", "--images", "2"], "leave --images and --image-model out"),
        (["red.jpg", "--image-model", "flux-pro"], "leave --images and --image-model out"),
        (["red.jpg", "--engine", "elsewhere"], "no engine is called 'elsewhere'; choose local, replicate"),
        (["red.jpg", "--engine", "replicate/"], "no engine is called 'replicate/'"),
        (["red.jpg", "--engine", "local/x"], "no engine is called 'local/x'"),
    ],
)
def test_engines_do_what_they_can(args: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["make", *args])
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)


@pytest.mark.parametrize("budget", ["lots", "-1", "inf", "NaN", "$"])
def test_a_budget_is_an_amount(budget: str) -> None:
    result = CliRunner().invoke(app, ["make", "red.jpg", f"--budget={budget}"])
    assert result.exit_code == 2
    assert "such as 5.00" in result.output


def test_both_commands_have_every_option_of_a_film() -> None:
    wanted = {field.name for field in fields(FilmOptions)} - {"fit"}
    for command in (films.make, films.compose):
        assert wanted <= set(inspect.signature(command).parameters)


def test_columns_line_up() -> None:
    lines = table(("NAME", "PRICE"), [("a", "1.50"), ("longer", "12.00")], right=frozenset({1})).splitlines()
    assert lines == ["NAME    PRICE", "a        1.50", "longer  12.00"]
