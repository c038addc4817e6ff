"""The commands by name. The module of a command is imported when it is chosen: `adreel --help` shows summaries only.

Most of the time of ``--help`` went into the options of commands that were not chosen (decision 0076).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command


class Command(NamedTuple):
    """A command: `summary` for the list of commands, and the module that has it under its own name."""

    summary: str
    module: str
    no_args_is_help: bool = False


COMMANDS: Mapping[str, Command] = {
    "make": Command(
        "Make a finished ad from product photos, or from text with a hosted engine.", "adreel.cli.films", True
    ),
    "compose": Command("Make a finished ad from your own video clips.", "adreel.cli.films", True),
    "script": Command(
        "Write the script of an ad to standard output, to be edited and made with adreel make --script.",
        "adreel.cli.scripts",
        True,
    ),
    "locale": Command(
        "Write the file to translate for a film in another language to standard output, for adreel make --locale.",
        "adreel.cli.locales",
    ),
    "say": Command(
        "Speak a line into a WAV file: in English with the offline voice, in other languages with a hosted one.",
        "adreel.cli.speech",
        True,
    ),
    "batch": Command(
        "Make a film for each product of a feed or table; afterwards only what changed.", "adreel.cli.batches", True
    ),
    "variants": Command(
        "Make films of one product that differ enough to be tried against each other.", "adreel.cli.variants", True
    ),
    "brand": Command("Keep brand kits: logo, colour, font, music and words.", "adreel.cli.brands", True),
    "check": Command(
        "Check films against the rules of placements, each with its source, and mend them.", "adreel.cli.checks", True
    ),
    "placements": Command("List the placements that films can be checked and made for.", "adreel.cli.checks"),
    "verify": Command("Say what the content credentials of films show.", "adreel.cli.checks", True),
    "models": Command(
        "List the models of the catalogue, your own among them (ADREEL_MODELS), with their prices.", "adreel.cli.models"
    ),
    "reconcile": Command(
        "Hold the ledger against each provider's list of what it ran; exit 1 when they do not agree.",
        "adreel.cli.operating.reconcile",
    ),
    "serve": Command("Run the service: API, page and a worker (see --no-worker).", "adreel.cli.operating.service"),
    "worker": Command("Run only a worker.", "adreel.cli.operating.service"),
    "doctor": Command("Report the installation and whether films can be made.", "adreel.cli.doctor"),
    "db": Command("Back up, restore and migrate the database.", "adreel.cli.operating.service"),
    "user": Command("Manage the accounts of the service.", "adreel.cli.operating.account_commands"),
    "webhook": Command("Manage the webhooks that are sent when jobs end.", "adreel.cli.operating.webhooks"),
}


class LazyGroup(TyperGroup):
    """Lists and suggests commands by their summaries; the command that is run or completed is imported then."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (typer's own types are private)
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else loaded(name), rest


def register(app: typer.Typer) -> None:
    """Adds every command to `app`, whose class is `LazyGroup`, by its summary."""
    for name, command in COMMANDS.items():
        app.command(name, help=command.summary)(_placeholder)


def loaded(name: str) -> Any:  # noqa: ANN401 (typer's own types are private)
    """The command with its options and commands of its own. Raises KeyError."""
    from importlib import import_module

    command = COMMANDS[name]
    found = getattr(import_module(command.module), name)
    if isinstance(found, typer.Typer):
        group = get_command(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    single.command(name, no_args_is_help=command.no_args_is_help)(found)
    return get_command(single)


def _placeholder() -> None:
    """Stands for a command in the list. It has no options and is never run."""
