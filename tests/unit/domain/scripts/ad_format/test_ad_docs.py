"""The example in docs/script.md is a script that can be made, and its table of recipes is that of the recipes."""

from __future__ import annotations

import re
from pathlib import Path

from adreel.catalogue.recipes import recipes
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.domain.scripts.ad_timing import ad_lengths
from adreel.domain.scripts.claims.sheet import check_ad

ROOT = Path(__file__).parents[5]
TEXT = (ROOT / "docs" / "script.md").read_text(encoding="utf-8")


def test_the_example_can_be_made() -> None:
    found = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    ad = parse_ad(found.group(1), "docs/script.md")
    check_ad(ad)
    lengths = ad_lengths(ad, 3.0)
    assert sum(lengths.beats) + lengths.end == 360
    assert [photo for photo in ad.photos if not (ROOT / photo).is_file()] == []
    assert parse_ad(to_toml(ad)) == ad


def test_the_table_of_recipes_is_complete() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \| (\d+) s \|", TEXT, re.MULTILINE)
    assert rows == [(name, found.summary, f"{found.seconds:g}") for name, found in recipes().items()]
