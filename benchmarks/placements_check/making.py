"""Makes the films of an example: the first one, eight placements more, and all others, in that order and in one data folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Sample, run_step
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
    """The films of an example by placement, and what making them took. `others`: all placements but the eight."""

    example: str
    films: dict[str, Path]
    first: Sample
    eight: Sample
    others: Sample


def make(example: str, names: Sequence[str], folder: Path) -> MadeFilms:
    """Makes every film. `ADREEL_DATA_DIR` names the data folder. Raises BenchmarkError."""
    others = [name for name in names if name not in EIGHT]
    first = run_step([_command(example, folder / "first.mp4", ())])
    eight = run_step([_command(example, folder / "ad.mp4", EIGHT)])
    rest = run_step([_command(example, folder / "ad.mp4", others)])
    return MadeFilms(example, {name: folder / f"ad-{name}.mp4" for name in names}, first, eight, rest)


def _command(example: str, out: Path, names: Sequence[str]) -> list[str]:
    wanted = [part for name in names for part in ("--for", name)]
    words = [part.format(name=EXAMPLES[example]) for part in WORDS]
    photos = str(ROOT / "examples" / example)
    return [sys.executable, "-m", "adreel", "make", photos, *words, "--out", str(out), "--overwrite", *wanted]
