"""Makes the films of an example: the first one, eight placements more, and all others, in this order and in one data folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import run_step
from benchmarks.report import ROOT

EIGHT = (
    *("meta-feed", "meta-reels", "meta-stories", "tiktok-in-feed"),
    *("youtube-in-stream", "youtube-bumper", "amazon-sponsored-brands", "linkedin"),
)
"""Placements of a usual campaign: four aspects and lengths, and rates of their own."""

WORDS = ("--name", "{name}", "--cta", "Order yours")
EXAMPLES = {"mug": "Morgen Mug", "perfume": "Soir", "watch": "Meridian"}


@dataclass(frozen=True, slots=True)
class MadeFilms:
    """The films of an example by placement; `first` and `eight` are the processor seconds of the first film and of eight more."""

    films: dict[str, Path]
    first: float
    eight: float


def make(example: str, names: Sequence[str], folder: Path) -> MadeFilms:
    """Makes every film, unless the folder has them. `ADREEL_DATA_DIR` names the data folder. Raises BenchmarkError."""
    films, spent = {name: folder / f"ad-{name}.mp4" for name in names}, folder / "spent.json"
    if not (spent.exists() and all(film.exists() for film in films.values())):
        others = [name for name in names if name not in EIGHT]
        first = run_step([_command(example, folder / "first.mp4", ())]).cpu
        eight = run_step([_command(example, folder / "ad.mp4", EIGHT)]).cpu
        run_step([_command(example, folder / "ad.mp4", others)])
        spent.write_text(json.dumps({"first": first, "eight": eight}))
    return MadeFilms(films, **json.loads(spent.read_text()))


def _command(example: str, out: Path, names: Sequence[str]) -> list[str]:
    wanted = [part for name in names for part in ("--for", name)]
    words = [part.format(name=EXAMPLES[example]) for part in WORDS]
    photos = str(ROOT / "examples" / example)
    return [sys.executable, "-m", "adreel", "make", photos, *words, "--out", str(out), "--overwrite", *wanted]
