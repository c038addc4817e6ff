"""``adreel variants`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from support.cli import Adreel


def test_two_variants_of_a_product(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    order = [
        "variants",
        str(photos["tall"]),
        str(photos["wide"]),
        "--fact",
        "Holds 350 ml",
        "--name",
        "Mug",
        "--out",
        "v",
    ]
    ran = adreel(*order, "--count", "2", "--vary", "hook,shot", "--draft", "--music", "none")
    assert ran.code == 0, ran.err
    assert "2 variants, " in ran.out
    table = json.loads((tmp_path / "v" / "variants.json").read_text())
    names = [each["name"] for each in table["variants"]]
    assert names[0] == "hook1-shot1"
    assert {film.stem for film in (tmp_path / "v").glob("*.mp4")} == set(names)

    again = adreel(*order)
    assert (again.code, "v has variants already" in again.err) == (2, True), again.err
    assert "choose some of hook, shot" in adreel(*order, "--vary", "colour").err
    bare = adreel("variants", str(photos["tall"]), "--out", "w")
    assert "--script, or facts about the product" in bare.err
