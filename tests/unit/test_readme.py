from __future__ import annotations

import re
from pathlib import Path

from adreel.bootstrap.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "docs" / "settings.md"


def test_the_tables_of_settings_are_those_of_the_code() -> None:
    rows = re.findall(rf"^\| `({PREFIX}\w+)` \|[^|]*\| (.+) \|$", SETTINGS.read_text(encoding="utf-8"), re.MULTILINE)
    fields = [(f"{PREFIX}{name.upper()}", field.description) for name, field in Settings.model_fields.items()]
    assert rows == fields


def test_no_message_names_a_setting_that_does_not_exist() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    sources = sorted((ROOT / "src" / "adreel").rglob("*.py"))
    named = {
        name: path for path in sources for name in re.findall(rf"{PREFIX}[A-Z0-9_]*[A-Z0-9]", path.read_text("utf-8"))
    }
    # "ADREEL_S3_{name}" is completed where it is said.
    wrong = {
        name: str(path) for name, path in named.items() if not any(f"{each}_".startswith(f"{name}_") for each in known)
    }
    assert wrong == {}
