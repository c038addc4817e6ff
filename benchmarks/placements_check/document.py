"""The words around the figures: docs/placements-check.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.placements_check.bought import Bought, Ledger
from benchmarks.placements_check.making import EIGHT, MadeFilms
from benchmarks.placements_check.reading import Reading
from benchmarks.placements_check.rules import Placed, read_rules
from benchmarks.report import machine, table

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
        is_aspect = abs(Fraction(width, height) / Fraction(*map(int, self.placed.aspect.split(":"))) - 1) < Fraction(
            1, 200
        )
        rate = self.reading.values["frame_rate"]
        # 29.97 keeps every frame of 30: such a film lasts 0.1 % longer (decision 0126).
        longest = 1 / rate + 0.001 * self.reading.values["seconds"]
        seconds = self.placed.seconds
        return is_aspect and (seconds is None or abs(self.reading.values["seconds"] - seconds) <= longest)

    def row(self) -> list[str]:
        values = self.reading.values
        figures = (f"{values['seconds']:.3f}", f"{values['frame_rate']:.5g}", f"{values['video_kbps']:.0f}")
        loud = f"{values['loudness']:.1f}" if "loudness" in values else "-"
        left = "; ".join(self.broken) if self.broken else "none"
        return [self.placed.name, values["size"], *figures, loud, str(read_rules(self.placed)), left]


def document(
    examples: Sequence[tuple[MadeFilms, Sequence[Checked]]], bought: Bought, bought_films: Sequence[Checked]
) -> str:
    """The whole page."""
    parts = [
        "# Every placement from one set of clips",
        f"Written by `make placements-check`.\n\n{machine()}",
        _METHOD,
        "## What it took",
        table(
            ("photos of", "first film", "eight placements more", "share of the first, each", "all others"),
            _costs(examples),
        ),
        f"Processor seconds of the command with all its processes. The eight: {', '.join(EIGHT)}. {_COSTS}",
        "## Nothing is bought again",
        _bought_words(bought),
        table(("", "calls in the ledger", "USD", "orders on the bill", "USD"), _ledgers(bought)),
    ]
    for made, films in examples:
        parts += [f"## Photos of the {made.example}", _verdict(films), table(_HEADER, [each.row() for each in films])]
    parts += ["## Bought clips", _verdict(bought_films), table(_HEADER, [each.row() for each in bought_films])]
    return "\n\n".join(parts) + "\n"


def _costs(examples: Sequence[tuple[MadeFilms, Sequence[Checked]]]) -> list[list[str]]:
    return [
        [
            made.example,
            f"{made.first.cpu:.1f}",
            f"{made.eight.cpu:.1f}",
            f"{made.eight.cpu / len(EIGHT) / made.first.cpu:.2f}",
            f"{made.others.cpu:.1f}",
        ]
        for made, _ in examples
    ]


def _verdict(films: Sequence[Checked]) -> str:
    rules = sum(read_rules(each.placed) for each in films)
    refused = sum(each.refused for each in films)
    advised = sum(bool(each.broken) and not each.refused for each in films)
    return f"{len(films)} films, {rules} rules read: {refused} refused, {advised} with advice left."


def _bought_words(bought: Bought) -> str:
    return (
        f"One clip for each of four photos, bought at the stand-in for the provider; then {len(bought.films)} films by "
        "`compose_final_video` with `placements`. Ledger and bill before the first film and after the last:"
    )


def _ledgers(bought: Bought) -> list[list[str]]:
    return [_ledger("clips bought", bought.before), _ledger("all films made", bought.after)]


def _ledger(name: str, found: Ledger) -> list[str]:
    return [name, str(found.calls), f"{found.amount:.2f}", str(found.orders), f"{found.bill:.2f}"]


_METHOD = """\
Each film is made by `adreel make … --for …`, and read by another: streams and packets by ffprobe, index and edit lists by a
parser of the benchmark's own, loudness by ffmpeg's `loudnorm`, bars and still stretches by `cropdetect` and `freezedetect`, black
and empty ends, abrupt ends from decoded pictures and samples. The rules are read from their files and compared by code of the
benchmark's own (`benchmarks/placements_check/`). Only the size of words is left out, which no other program knows. A film is
refused here when it breaks a rule that is not advice, or has another aspect, or not its placement's own length."""

_COSTS = """\
Clips of photos are drawn anew for each aspect and length; films at another rate or bit rate are encoded a second time."""
