"""The words around the figures: docs/placements-check.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from benchmarks.placements_check.making import EIGHT
from benchmarks.placements_check.reading import Reading
from benchmarks.placements_check.rules import Placed, read_rules
from benchmarks.report import machine, table

Json = dict[str, Any]

_HEADER = ("placement", "size", "s", "fps", "kbit/s", "LUFS", "rules read", "broken")


@dataclass(frozen=True, slots=True)
class Checked:
    """A film, as it was read, with the rules that it breaks."""

    placed: Placed
    reading: Reading
    broken: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether it breaks a rule that is not advice, or has another aspect or length than its placement's films."""
        return any(not each.startswith("advice") for each in self.broken) or not self._is_exact

    @property
    def _is_exact(self) -> bool:
        width, height = self.reading.sizes
        aspect = Fraction(*map(int, self.placed.aspect.split(":")))
        is_aspect = abs(Fraction(width, height) / aspect - 1) < Fraction(1, 200)
        values, seconds = self.reading.values, self.placed.seconds
        # 29.97 keeps every frame of 30: such a film lasts 0.1 % longer (decision 0126).
        longest = 1 / values["frame_rate"] + 0.001 * values["seconds"]
        return is_aspect and (seconds is None or abs(values["seconds"] - seconds) <= longest)

    def to_json(self) -> Json:
        """What the page shows of it."""
        return {"rules": read_rules(self.placed), "refused": self.refused, "broken": self.broken, "row": self._row()}

    def _row(self) -> list[str]:
        values = self.reading.values
        figures = (f"{values['seconds']:.3f}", f"{values['frame_rate']:.5g}", f"{values['video_kbps']:.0f}")
        loud = f"{values['loudness']:.1f}" if "loudness" in values else "-"
        left = "; ".join(self.broken) if self.broken else "none"
        return [self.placed.name, values["size"], *figures, loud, str(read_rules(self.placed)), left]


def document(examples: Mapping[str, Json], bought: Json | None) -> str:
    """The page of the parts that were measured: examples by name, and bought clips."""
    costs = [_costs(name, part) for name, part in examples.items()]
    parts = [
        "# Every placement from one set of clips",
        f"Written by `make placements-check`.\n\n{machine()}",
        _METHOD,
        "## What it took",
        table(("photos of", "first film", "eight placements more", "each of them / first film"), costs),
        f"Processor seconds of the command with all its processes. The eight: {', '.join(EIGHT)}. {_COSTS}",
    ]
    if bought is not None:
        ledgers = [
            [name, *map(str, bought[key])] for name, key in (("clips bought", "before"), ("films made", "after"))
        ]
        header = ("", "calls in the ledger", "US dollars", "orders on the bill", "US dollars")
        parts += ["## Nothing is bought again", _BOUGHT.format(count=len(bought["films"])), table(header, ledgers)]
    for name, part in examples.items():
        parts += [f"## Photos of the {name}", *_films(part["films"])]
    parts += ["## Bought clips", *_films(bought["films"])] if bought is not None else []
    return "\n\n".join(parts) + "\n"


def _costs(name: str, part: Json) -> list[str]:
    share = part["eight"] / len(EIGHT) / part["first"]
    return [name, f"{part['first']:.1f}", f"{part['eight']:.1f}", f"{share:.2f}"]


def _films(films: Sequence[Json]) -> list[str]:
    refused = sum(each["refused"] for each in films)
    advised = sum(bool(each["broken"]) and not each["refused"] for each in films)
    rules = sum(each["rules"] for each in films)
    verdict = f"{len(films)} films, {rules} rules read: {refused} refused, {advised} with advice left."
    return [verdict, table(_HEADER, [each["row"] for each in films])]


_METHOD = """\
Each film is made by `adreel make … --for …`, and read by another: streams and packets by ffprobe, index and edit lists by a
parser of the benchmark's own, loudness by ffmpeg's `loudnorm`, bars and still stretches by `cropdetect` and `freezedetect`, black
and empty ends, abrupt ends from decoded pictures and samples. The rules are read from their files and compared by code of the
benchmark's own (`benchmarks/placements_check/`, decision 0178). Only the size of words is left out, which no other program knows.
A film is refused here when it breaks a rule that is not advice, or has another aspect, or not its placement's own length."""

_COSTS = """\
Clips of photos are drawn anew for each aspect and length; films at another rate or bit rate are encoded a second time."""

_BOUGHT = """\
One clip for each of four photos, bought at the stand-in for the provider; then {count} films by `compose_final_video` with
`placements`. Ledger and bill before the first film and after the last:"""
