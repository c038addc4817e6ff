"""Adds to an error what remedies it at the command line: an option, a command or a setting."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adreel.domain.errors import AdreelError
from adreel.domain.remedy import Remedy

OPTIONS: Mapping[Remedy, str] = MappingProxyType(
    {
        Remedy.EXISTING_OUTPUT: "--overwrite",
        Remedy.PROMPT: "--prompt",
        Remedy.IMAGE_COUNT: "--images",
        Remedy.OLDER_DATABASE: "adreel db downgrade",
    }
)


def described(error: AdreelError) -> str:
    """The error's message for the terminal, with the option, command or settings that remedy it."""
    if error.remedy is None:
        return str(error)
    from adreel.bootstrap.remedies import with_names, with_settings

    option = OPTIONS.get(error.remedy)
    return with_settings(error) if option is None else with_names(str(error), (option,))
