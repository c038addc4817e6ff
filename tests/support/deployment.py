"""Reads the files of `deploy/` as Docker Compose, Docker and systemd do, as far as adreel's files use their syntax."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from configparser import RawConfigParser
from pathlib import Path
from typing import Any, cast

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def compose(values: Mapping[str, str]) -> dict[str, Any]:
    """`compose.yaml` with the variables in its strings replaced. Raises KeyError for one that must be set and is not."""
    return _interpolated(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")), values)


def _interpolated(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _interpolated(value, values) for key, value in cast("dict[str, Any]", node).items()}
    if isinstance(node, list):
        return [_interpolated(value, values) for value in cast("list[Any]", node)]
    return _VARIABLE.sub(lambda found: _value(found, values), node) if isinstance(node, str) else node


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    name, kind, default = found.groups()
    given = values.get(name, "")
    if not given and kind == "?":
        raise KeyError(name)
    return given or default or ""


def required_variables() -> set[str]:
    """The variables that `compose.yaml` refuses to be without."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    return {found[1] for found in _VARIABLE.finditer(text) if found[2] == "?"}


def variables_of(path: Path) -> dict[str, str]:
    """The assignments of an environment file."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and their arguments, in order, without comments."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line and not line.startswith("#")]


class Unit(RawConfigParser):
    """A unit of systemd; `[Service]` holds no key twice."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=True, interpolation=None)
        self.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
        self.read_string((DEPLOY / "systemd" / name).read_text(encoding="utf-8"))

    def command(self, key: str) -> list[str]:
        return shlex.split(self["Service"][key])
