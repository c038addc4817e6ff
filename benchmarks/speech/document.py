"""The words around the figures: docs/speech.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.measure import Series
from benchmarks.report import Bound, bounds_table, machine, table
from benchmarks.speech.ad_cost import SILENT, SPEAKS
from benchmarks.speech.sound_levels import Levels
from benchmarks.speech.words import Reading, Words, rate_of, sound_alike

_LUFS, _WITHIN, _PEAK = -14.0, 0.5, -1.0


@dataclass(slots=True)
class Results:
    """What was measured; a part that was not is empty."""

    words: Words | None = None
    hashes: Mapping[str, str] = field(default_factory=dict[str, str])
    films: list[Levels] = field(default_factory=list[Levels])
    cost: Mapping[str, Series] = field(default_factory=dict[str, Series])


def bounds(results: Results) -> list[Bound]:
    """What was asked of voice and sound, of the parts that were measured."""
    return [
        *(_word_bounds(results.words) if results.words else ()),
        *((Bound("different sounds of one line", len(set(results.hashes.values())), 1, ""),) if results.hashes else ()),
        *(_film_bounds(results.films) if results.films else ()),
        *(_cost_bounds(results.cost) if results.cost else ()),
    ]


def _word_bounds(words: Words) -> Iterator[Bound]:
    yield Bound("words misread or misheard", 100 * words.rate, 10, " %")
    yield Bound(
        "captions from the recogniser's times, nine of ten", float(np.percentile(words.offsets, 90)), 0.15, " s"
    )
    yield Bound("CPU seconds of a second of speech", words.cost, 0.05, " s")


def _film_bounds(films: Sequence[Levels]) -> Iterator[Bound]:
    yield Bound("speech above the rest, worst line of 20 films", min(min(film.lines) for film in films), 8, " dB", True)
    yield Bound("loudness off −14 LUFS", max(abs(film.loudness - _LUFS) for film in films), _WITHIN, " LU")
    yield Bound("true peak", max(film.true_peak for film in films), _PEAK, " dBTP")
    yield Bound("clicks at joints", sum(len(film.clicks) for film in films), 0, "")


def _cost_bounds(series: Mapping[str, Series]) -> Iterator[Bound]:
    yield Bound(
        "ad with voice and captions / without, CPU", series[SPEAKS].median.cpu / series[SILENT].median.cpu, 1.15, " ×"
    )


def write(results: Results) -> str:
    """The document, or what there is of it."""
    parts = [
        "# Speech, measured",
        "Written by `make speech-check`. The recogniser is Whisper tiny.en, which is used here only.",
        machine(),
        bounds_table(bounds(results)),
        *(_word_section(results.words) if results.words else ()),
        *(_bit_section(results.hashes) if results.hashes else ()),
        *(_film_section(results.films) if results.films else ()),
        *(_cost_section(results.cost) if results.cost else ()),
    ]
    return "\n\n".join(parts) + "\n"


def _word_section(words: Words) -> Iterator[str]:
    yield "## What is heard"
    yield _HEARD.format(lines=len(words.lines), scripts=len(words.scripts), seconds=words.seconds)
    groups = {"lines": words.lines, "scripts": words.scripts, "all": words.readings}
    yield table(["", "words", "errors", "word error rate"], [_rates(name, group) for name, group in groups.items()])
    yield _MISREAD
    yield table(
        ["line", "should be said", "heard", ""],
        [
            [name.replace("|", "/"), wanted, got, "sounds the same" if sound_alike(wanted, got) else ""]
            for name, wanted, got in words.misread
        ],
    )
    middle, most = np.percentile(words.offsets, [50, 90])
    yield _TIMES.format(count=len(words.offsets), middle=middle, most=most)


def _rates(name: str, group: Sequence[Reading]) -> list[str]:
    wrong = sum(each.errors for each in group)
    return [name, str(sum(len(each.expected) for each in group)), str(wrong), f"{100 * rate_of(group):.1f} %"]


def _bit_section(hashes: Mapping[str, str]) -> Iterator[str]:
    yield "## The same bits"
    yield "One line, spoken by `adreel say` in processes of their own:"
    yield table(["setting", "SHA-256 of the file"], [[name, f"`{value[:16]}`"] for name, value in hashes.items()])


def _film_section(films: Sequence[Levels]) -> Iterator[str]:
    yield "## The sound of films"
    yield _FILMS
    header = ["clips' sound; music; transition", "LUFS", "dBTP", "worst line, dB", "words, tenth lowest, dB", "clicks"]
    yield table(
        header,
        [
            [
                film.name,
                f"{film.loudness:.1f}",
                f"{film.true_peak:.1f}",
                f"{min(film.lines):.1f}",
                f"{np.percentile(film.words, 10):.1f}",
                str(len(film.clicks)),
            ]
            for film in films
        ],
    )


def _cost_section(series: Mapping[str, Series]) -> Iterator[str]:
    yield "## Cost"
    yield _COST
    yield table(
        ["", "CPU s, median", "runs", "gives"],
        [[name, f"{entry.median.cpu:.1f}", str(len(entry.samples)), entry.outcome] for name, entry in series.items()],
    )


_HEARD = """\
{lines} lines of ads full of prices, addresses, names and units and {scripts} scripts ({seconds:.0f} s of speech) were spoken and
transcribed. What should be said was written by hand (`benchmarks/speech/lines.toml`). Both are compared in words, numbers written
out, letters in a row as one word, without punctuation. A recogniser that knows English corrects some faults and makes others:
names that were invented come back in known spellings."""

_MISREAD = "Everything that differs:"

_TIMES = """\
{count} words were heard as they are written: captions show half of them within {middle:.2f} s of the recogniser's time, nine of
ten within {most:.2f} s. The recogniser's own times are steps of 0.02 s and the less exact ones of the two."""

_FILMS = """\
Soundtracks as films have them: mixed, mastered, coded as AAC and decoded again. *Speech above the rest* is between 300 Hz and
4 kHz; everything that is not the voice counts as the rest, also what limiter and codec add. *Words, tenth lowest*: nine of ten
words are further above the rest. A click is a step between two samples at a joint (cut, edge of a clip's or a line's sound,
corner of the ducking) that is twice as large as any within 20 ms."""

_COST = """\
`adreel make` with nothing cached, 1080p, four beats of fixed lengths and an end card, in turns: without voice, and with voice and
captions burned into every clip. Both films have the same frames and show the same words of the script."""
