"""Which Chromium is taken, on machines that have one, could have one, or cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.chromium import DEBIAN_PACKAGE, NoChromiumError, Ways, find_chromium

PLAYWRIGHTS = "/cache/playwright/chrome"


@dataclass
class Machine:
    """What is on PATH, which programs start, and what a command brings."""

    path: dict[str, str] = field(default_factory=dict[str, str])
    starts: set[str] = field(default_factory=set[str])
    download_works: bool = False
    apt_works: bool = True
    is_root: bool = True
    named: str | None = None
    commands: list[str] = field(default_factory=list[str])

    def ways(self) -> Ways:
        environment = {} if self.named is None else {"ADREEL_CHROMIUM": self.named}
        return Ways(self.path.get, self.run, lambda: Path(PLAYWRIGHTS), self.is_root, environment)

    def run(self, command: Sequence[str], seconds: float) -> str | None:
        assert 0 < seconds <= 300
        if command[-1] == "--version":
            return "Chromium" if command[0] in self.starts else None
        self.commands.append(" ".join(command))
        if command[-2:] == ["install", "chromium"] and self.download_works:
            self.starts.add(PLAYWRIGHTS)
        if command[-1] == DEBIAN_PACKAGE and self.apt_works:
            self.path[DEBIAN_PACKAGE] = f"/usr/bin/{DEBIAN_PACKAGE}"
            self.starts.add(f"/usr/bin/{DEBIAN_PACKAGE}")
        return ""


def test_one_that_is_there_is_taken_and_nothing_installed() -> None:
    machine = Machine(
        {"chromium": "/usr/bin/chromium", "google-chrome": "/opt/chrome"}, {"/usr/bin/chromium", "/opt/chrome"}
    )
    assert find_chromium(machine.ways()) == Path("/usr/bin/chromium")
    assert machine.commands == []


def test_a_stub_that_does_not_start_is_passed_over() -> None:
    machine = Machine({"chromium-browser": "/usr/bin/stub", "google-chrome": "/opt/chrome"}, {"/opt/chrome"})
    assert find_chromium(machine.ways()) == Path("/opt/chrome")


def test_the_one_that_is_named_is_taken_or_refused() -> None:
    machine = Machine({"chromium": "/usr/bin/chromium"}, {"/usr/bin/chromium", "/mine"}, named="/mine")
    assert find_chromium(machine.ways()) == Path("/mine")
    machine.named = "/gone"
    with pytest.raises(NoChromiumError, match="ADREEL_CHROMIUM names /gone"):
        find_chromium(machine.ways())


def test_playwrights_is_taken_where_it_is_and_fetched_where_it_can_be() -> None:
    assert find_chromium(Machine(starts={PLAYWRIGHTS}).ways()) == Path(PLAYWRIGHTS)
    machine = Machine(download_works=True)
    assert find_chromium(machine.ways()) == Path(PLAYWRIGHTS)
    assert len(machine.commands) == 1


def test_root_on_debian_gets_the_package() -> None:
    machine = Machine({"apt-get": "/usr/bin/apt-get"})
    assert find_chromium(machine.ways()) == Path("/usr/bin", DEBIAN_PACKAGE)
    assert [command.split()[-1] for command in machine.commands] == ["chromium", "update", DEBIAN_PACKAGE]


@pytest.mark.parametrize(
    "machine",
    [
        Machine({"apt-get": "/usr/bin/apt-get"}, is_root=False),
        Machine({"apt-get": "/usr/bin/apt-get"}, apt_works=False),
        Machine(),
    ],
    ids=["no root", "no package", "no apt"],
)
def test_without_any_the_message_says_what_to_do(machine: Machine) -> None:
    with pytest.raises(NoChromiumError, match=r"Install one, or name one with ADREEL_CHROMIUM\.$") as raised:
        find_chromium(machine.ways())
    assert "\n" not in str(raised.value)
