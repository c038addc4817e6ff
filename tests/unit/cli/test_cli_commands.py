"""The list of commands, without the commands themselves."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from adreel.cli.commands import COMMANDS, loaded
from adreel.cli.main import app

_LONGEST = 1000


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_in_the_list_is_the_first_sentence_of_the_command_s_own_help(name: str) -> None:
    command = loaded(name)
    assert command.name == name
    assert command.get_short_help_str(_LONGEST) == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(name: str) -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    own = CliRunner().invoke(app, [name, "--help"]).output
    assert f"\n  {name} " in listed
    assert own.startswith(f"Usage: root {name} [OPTIONS]")


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from adreel.cli.main import app; app(['--help'], standalone_mode=False); "
        "print(sorted(name for name in sys.modules if name.startswith('adreel.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "  compose " in done.stdout
    assert done.stdout.splitlines()[-1] == str(
        ["adreel.cli", "adreel.cli.commands", "adreel.cli.main", "adreel.version"]
    )


def test_a_misspelt_command_gets_a_suggestion() -> None:
    result = CliRunner().invoke(app, ["reconsile"])
    assert result.exit_code == 2
    assert "Did you mean 'reconcile'?" in result.output
