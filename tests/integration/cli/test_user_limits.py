"""`adreel user limits` and `adreel user budget`, as the operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import forked


def adreel(data: Path, *arguments: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
    environment |= {"ADREEL_DATA_DIR": str(data), **settings}
    command = [sys.executable, "-m", "adreel", "user", *arguments]
    return forked.run(command, cwd=data, env=environment, timeout=120, typed=given)


def table(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return {line.split(maxsplit=1)[0]: " ".join(line.split()[1:]) for line in done.stdout.splitlines()}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    added = adreel(tmp_path, "add", "ada@example.com", given="correct horse battery\n")
    assert added.returncode == 0, added.stderr
    return tmp_path


def test_limits_are_shown_set_and_given_back(data: Path) -> None:
    shown = table(adreel(data, "limits", "ada@example.com"))
    assert shown == {
        "sessions": "0 of 1000",
        "sessions_per_hour": "0 of 200",
        "stored_mb": "0 of 20000",
        "jobs": "0 of 16",
        "photos": "0 of 10000",
        "keys": "0 of 20",
        "dollars_per_day": "$0.00 of $50.00",
        "budget": "$0.00 of $100.00",
    }
    done = adreel(
        data, "limits", "ada@example.com", "--sessions", "5", "--jobs", "unlimited", "--dollars-per-day", "2.50"
    )
    assert table(done)["dollars_per_day"] == "$0.00 of $2.50"
    assert table(adreel(data, "budget", "ada@example.com", "7"))["budget"] == "$0.00 of $7.00"
    shown = table(adreel(data, "limits", "ada@example.com", ADREEL_LIMIT_PHOTOS="unlimited", ADREEL_LIMIT_KEYS="3"))
    assert {name: shown[name] for name in ("sessions", "jobs", "photos", "keys")} == {
        "sessions": "0 of 5",
        "jobs": "0 of unlimited",
        "photos": "0 of unlimited",
        "keys": "0 of 3",
    }
    assert table(adreel(data, "limits", "ada@example.com", "--sessions", "default"))["sessions"] == "0 of 1000"


def test_a_key_more_than_is_allowed_is_refused_in_one_line(data: Path) -> None:
    assert table(adreel(data, "limits", "ada@example.com", "--keys", "1"))["keys"] == "0 of 1"
    assert adreel(data, "key", "ada@example.com").returncode == 0
    refused = adreel(data, "key", "ada@example.com")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("adreel: this account is allowed 1 API keys")
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("limits", "ada@example.com", "--jobs", "-3"), "'-3' is no limit of jobs"),
        (("budget", "ada@example.com", "much"), "'much' is no limit of budget"),
        (("limits", "bob@example.com"), "no account for bob@example.com"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(data: Path, arguments: tuple[str, ...], said: str) -> None:
    done = adreel(data, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
