"""The words around the figures: docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure import Series
from benchmarks.motion import ENGINE, EXACT, FLOOR_OF_ENGINE
from benchmarks.own_films import CHANGE, ENCODE, FIRST, READY, READY_WITHIN, SEGMENTS, WITHIN
from benchmarks.report import Bound, bounds_table, machine, series_table, table

SPECIFIED = "three encodes, concat demuxer"
SINGLE = "one filter graph, one encode"
MOVIEPY = "MoviePy 2.2.1"
FLOOR = "x264 alone, the same frames"
MAKE = "adreel make, four photos"
MAKE_FLOOR = "x264 alone, the film's frames"

CODEC_TOLERANCE = 1.15
"""How far above the jitter of exact frames the engine's may lie: other content, other codec noise."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything measured in one run. `seconds` is the length of a clip, `jitters` are px/frame²."""

    rounds: int
    seconds: float
    clips_to_film: Mapping[str, Series]
    photos_to_film: Mapping[str, Series]
    drawing: Mapping[str, Series]
    jitters: Mapping[str, Sequence[float]]
    start: Mapping[str, Series]


def bounds(results: Results) -> list[Bound]:
    """What issue and README promise, against what was measured."""
    films = {name: entry.median for name, entry in results.clips_to_film.items()}
    photos = {name: entry.median for name, entry in results.photos_to_film.items()}
    drawing = {name: entry.median for name, entry in results.drawing.items()}
    single, floor = films[SINGLE], films[FLOOR]
    (start,) = (entry.median for entry in results.start.values())
    return [
        Bound("film from ready clips / one encode, wall", films[READY].wall / single.wall, 0.05, " ×"),
        Bound(
            "film from ready clips in a running program / one encode, wall",
            films[READY_WITHIN].wall / single.wall,
            0.05,
            " ×",
        ),
        Bound("change of words / one encode, wall", films[CHANGE].wall / single.wall, 0.05, " ×"),
        Bound("change of words in a running program / one encode, wall", films[WITHIN].wall / single.wall, 0.05, " ×"),
        Bound("conform and encode / x264 alone, CPU", films[ENCODE].cpu / floor.cpu, 1.10, " ×"),
        Bound("conform, encode and look / x264 alone, CPU", films[SEGMENTS].cpu / floor.cpu, 1.10, " ×"),
        Bound("conform and encode / one encode, wall", films[ENCODE].wall / single.wall, 1.0, " ×"),
        Bound("conform, encode and look / one encode, wall", films[SEGMENTS].wall / single.wall, 1.0, " ×"),
        Bound("MoviePy / first film with nothing cached, wall", films[MOVIEPY].wall / films[FIRST].wall, 4, " ×", True),
        Bound("MoviePy / film from ready clips, wall", films[MOVIEPY].wall / films[READY].wall, 4, " ×", True),
        Bound(
            "engine's frame rate / x264 alone", drawing[FLOOR_OF_ENGINE].wall / drawing[ENGINE].wall, 0.85, " ×", True
        ),
        Bound("engine's jitter / exact frames", max(_over_exact(results)), CODEC_TOLERANCE, " ×"),
        Bound("photos to film / x264 alone, wall", photos[MAKE].wall / photos[MAKE_FLOOR].wall, 1.3, " ×"),
        Bound("adreel --help, wall", start.wall, 0.4, " s"),
    ]


def _over_exact(results: Results) -> list[float]:
    """The engine's jitter over that of exact frames, for each of the two clips."""
    pairs = zip(results.jitters[ENGINE], results.jitters[EXACT], strict=True)
    return [engine / exact for engine, exact in pairs]


def write(results: Results) -> str:
    """The whole document."""
    frames = results.drawing[ENGINE]
    return (
        "\n\n".join(
            [
                "# Benchmarks",
                f"Written by `make bench`; medians of {results.rounds} rounds, contenders taking turns within each round.",
                machine(),
                "## Promises",
                bounds_table(bounds(results)),
                "## From clips to the film",
                _CLIPS.format(seconds=f"{results.seconds:g}"),
                series_table(results.clips_to_film, SINGLE),
                _CLIPS_NOTES,
                "## From photos to the film",
                _PHOTOS,
                series_table(results.photos_to_film, MAKE_FLOOR),
                "## The local engine",
                _DRAWING.format(frames=frames.outcome),
                series_table(results.drawing, FLOOR_OF_ENGINE),
                _JITTER,
                table(
                    ["jitter, px/frame²", "scene", "plain ground"],
                    [[name, *(f"{value:.3f}" for value in both)] for name, both in results.jitters.items()],
                ),
                "## Start",
                series_table(results.start, next(iter(results.start))),
                "## How it is measured",
                _METHOD,
            ]
        )
        + "\n"
    )


_CLIPS = """\
Four clips of {seconds} s (1280x720 at 30, 1080x1920 at 24, 1920x1080 at 60 in 4:2:2, 720x576 at 25 with pixels of
16:15; two with sound; pans over the example photos with grain), a card of 1 s before and after, 30 s of music in a file:
one 1080p film at 30 frames a second, x264 medium crf 23, AAC 192k."""

_CLIPS_NOTES = """\
- *three encodes, concat demuxer* follows the specification to the letter: a card by drawtext, another one, then
  everything through the concat demuxer. Its frame count shows that this goes wrong on unlike clips; its time is
  therefore of another film.
- *one filter graph* conforms, joins and mixes everything in one ffmpeg, and does so again for each change.
- *MoviePy* ignores that pixels may not be square. Its sound is mixed as the others' is.
- *x264 alone* encodes the single graph's frames, which lie raw in a file.
- adreel's rows include what the others do not do: examining every clip and every segment by decoding it, mastering
  the sound to −14 LUFS, and the checks of the film. Only *conform and encode only* does none of that: it stops at
  segments from which no film could be made, for comparison with *x264 alone*; the row after it is what a film costs,
  with every segment decoded and looked at. Both are timed from the first clip to the last segment, and *in a running
  program* from the order to the film, by the program's own clock.
- Nothing that encodes these frames anew can be four times as fast as MoviePy here: even *x264 alone* is not.
- *film from ready clips*: the clips' segments are cached, cards and sound are made. *change of words*: the call to
  action is another one."""

_PHOTOS = """\
`adreel make` with four photos of the mug and nothing cached, against encoding the finished film's frames once more
from a raw file."""

_DRAWING = """\
Two clips at once ({frames}), the first of a product in a scene, the second of a product on a plain background; frames
go from memory into the encoder. Wall and CPU time are those of drawing and encoding, by the program's own clock, after
the photos have been studied (once per photo; `adreel make` above includes it). *x264 alone* encodes the same frames from
raw files, two at once, with as many threads each, same parameters. *zoompan* makes a push in from the same photos."""

_JITTER = """\
Jitter is what remains of the corners' paths, followed through the finished video, after a smooth path has been taken
away: root mean square of its second difference. *Exact frames* are the engine's first picture moved along that same
smooth path, drawn with threefold oversampling and encoded alike: their jitter is the codec's and the tracker's doing."""

_METHOD = """\
- Every run is a process of its own, from its start to its end, with all descendants: wall by the monotonic clock, CPU
  by `wait4`. Where the notes say so, both are by the program's own clock instead. Memory is the resident
  memory of all its processes together, sampled thirty times a second; memory that processes share counts for each.
- Rounds go through the contenders forwards and backwards in turn. *Spread* is the fastest and the slowest wall time.
- Clips, raw frames, caches and MoviePy's environment are made before the clock starts. Raw frames (1.3 GB) are read
  from the page cache where it is large enough.
- Ratios of one run can be compared between machines; seconds cannot."""
