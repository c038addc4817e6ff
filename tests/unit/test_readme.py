from __future__ import annotations

import re
from pathlib import Path

from adreel.settings import PREFIX, Settings

README = Path(__file__).parents[2] / "README.md"


def test_the_table_of_settings_is_that_of_the_code() -> None:
    rows = re.findall(rf"^\| `({PREFIX}\w+)` \|[^|]*\| (.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    fields = [(f"{PREFIX}{name.upper()}", field.description) for name, field in Settings.model_fields.items()]
    assert rows == fields
