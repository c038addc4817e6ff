"""`python -m benchmarks.speech --uv UV [--part words]`: what the voice says, its bits, the sound of films that speak, the cost.

Writes docs/speech.md when all parts are measured, pictures into out/speech; exits with 1 for a bound that is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from adreel.media.process_tuning import tune_process
from benchmarks.report import ROOT
from benchmarks.speech.ad_cost import cost
from benchmarks.speech.bits import hashes
from benchmarks.speech.document import Results, bounds, write
from benchmarks.speech.pictures import level_curves, spectrogram
from benchmarks.speech.recogniser import Recogniser
from benchmarks.speech.sound_films import sound_films
from benchmarks.speech.sound_levels import measured
from benchmarks.speech.words import spoken_and_heard

REPORT = ROOT / "docs" / "speech.md"
PICTURES = ROOT / "out" / "speech"
PARTS = ("cost", "words", "bits", "sound")
_DRAWN = 6
"""Lines and films of which pictures are drawn."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.speech", description=__doc__)
    parser.add_argument("--uv", type=Path, required=True, help="the program that installs the recogniser")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; writes nothing")
    parser.add_argument("--rounds", type=int, default=1, help="films of each kind whose cost is measured")
    parser.add_argument("--quick", action="store_true", help="write nothing")
    given = parser.parse_args()
    tune_process()
    PICTURES.mkdir(parents=True, exist_ok=True)
    results = Results()
    with tempfile.TemporaryDirectory(prefix="adreel-speech-") as folder:
        for part in given.part or PARTS:
            _PARTS[part](results, Path(folder), given)
    text = write(results)
    print(text)
    if not given.part and not given.quick:
        REPORT.write_text(text, encoding="utf-8")
    if not all(bound.held for bound in bounds(results)):
        sys.exit("a bound was missed")


def _words(results: Results, folder: Path, given: argparse.Namespace) -> None:
    results.words = spoken_and_heard(Recogniser(given.uv), folder)
    for number, (name, speech) in enumerate(list(results.words.spoken.items())[:_DRAWN]):
        spectrogram(speech.samples, speech.words, PICTURES / f"line-{number}.png")
        print(name, PICTURES / f"line-{number}.png", file=sys.stderr)


def _bits(results: Results, folder: Path, _given: argparse.Namespace) -> None:
    results.hashes = dict(hashes(folder))


def _sound(results: Results, folder: Path, _given: argparse.Namespace) -> None:
    for number, film in enumerate(sound_films(folder)):
        levels = measured(film, folder)
        print(levels.name, min(levels.lines), file=sys.stderr, flush=True)
        level_curves(levels.finished, levels.speech, levels.name, PICTURES / f"film-{number:02d}.png")
        results.films.append(levels)


def _cost(results: Results, folder: Path, given: argparse.Namespace) -> None:
    results.cost = cost(folder, given.rounds, partial(print, file=sys.stderr, flush=True))


_PARTS = {"words": _words, "bits": _bits, "sound": _sound, "cost": _cost}


if __name__ == "__main__":
    main()
