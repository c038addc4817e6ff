"""`python -m benchmarks.cutouts`: when the local engine shows a cut-out, on 72 photos made here; writes docs/cutouts.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import cv2

from adreel.providers.local.photo.matte import Matter
from benchmarks.cutouts.measure import VISIBLE, Verdict, judge
from benchmarks.cutouts.photo_set import GROUNDS, made_photos
from benchmarks.cutouts.subjects import SUBJECTS
from benchmarks.report import ROOT, machine, table

REPORT = ROOT / "docs" / "cutouts.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.cutouts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="write nothing")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    matter = Matter(Path(str(files("adreel.assets") / "models" / "u2netp.onnx")))
    verdicts: list[Verdict] = []
    for photo in made_photos():
        verdicts.append(judge(photo, matter))
        print(verdicts[-1], file=sys.stderr, flush=True)
    text = document(verdicts)
    print(text)
    if not given.quick:
        REPORT.write_text(text, encoding="utf-8")
    if any(verdict.shown and not verdict.good for verdict in verdicts):
        sys.exit("a cut-out with a visible fault would be shown")


def document(verdicts: Sequence[Verdict]) -> str:
    plain = [verdict for verdict in verdicts if verdict.possible]
    false_accepts = [verdict.name for verdict in verdicts if verdict.shown and not verdict.good]
    false_refusals = [verdict.name for verdict in plain if not verdict.shown and verdict.good]
    elsewhere = sum(verdict.good for verdict in verdicts if not verdict.possible)
    proof = sorted(verdict.seconds for verdict in plain)[len(plain) // 2]
    rows = [
        ["photos", str(len(verdicts))],
        ["on a ground plain enough for a cut-out", str(len(plain))],
        ["cut out", str(sum(verdict.shown for verdict in verdicts))],
        ["**false accepts**: cut out with a visible fault", _named(false_accepts)],
        ["rightly refused: the mask has a visible fault", str(sum(not v.shown and not v.good for v in plain))],
        ["**false refusals** on plain ground: the mask is good", _named(false_refusals)],
        ["good masks on other grounds, where the whole photo is shown in any case", str(elsewhere)],
        ["CPU seconds of the proof, median", f"{proof:.2f}"],
    ]
    grid = [[subject, *(_cell(verdicts, f"{subject} on {ground}") for ground in GROUNDS)] for subject in SUBJECTS]
    return "\n".join(
        [
            "# Cut-outs",
            "",
            "Written by `make cutouts`.",
            "",
            machine(),
            "",
            "The local engine shows a product's cut-out on a set of another colour only if the cut-out proves itself",
            f"(decision 0072). This page measures that on {len(SUBJECTS)} subjects on {len(GROUNDS)} grounds,",
            "drawn by `benchmarks/cutouts/` with known outlines: glass, white on white, hair, thin straps, people, busy",
            f"rooms. A fault is visible from {VISIBLE:.1%} of the subject in pieces at least three pixels thick. A dark",
            "mood is asked for.",
            "",
            table(["", ""], rows),
            "",
            "Each photo: `cut` shown as a cut-out, `whole` the whole photo or its own light ground instead; `!` where",
            "the error of the mask speaks for the other.",
            "",
            table(["", *GROUNDS], grid),
            "",
        ]
    )


def _named(names: Sequence[str]) -> str:
    return f"{len(names)} ({', '.join(names)})" if names else "0"


def _cell(verdicts: Sequence[Verdict], name: str) -> str:
    verdict = next(verdict for verdict in verdicts if verdict.name == name)
    wrong = verdict.shown != verdict.good and (verdict.possible or verdict.shown)
    return ("cut" if verdict.shown else "whole") + (" !" if wrong else "")


if __name__ == "__main__":
    main()
