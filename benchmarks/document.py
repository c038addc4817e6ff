"""The words around the figures: docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.measure import Series
from benchmarks.motion import ENGINE, EXACT, FLOOR_OF_ENGINE
from benchmarks.own_films import CHANGE, ENCODE, FIRST, READY, READY_WITHIN, SEGMENTS, WITHIN
from benchmarks.report import Bound, bounds_table, machine, series_table, table

SPECIFIED = "three encodes, concat demuxer"
SINGLE = "one filter graph, one encode"
MOVIEPY = "MoviePy 2.2.1"
FLOOR = "x264 alone, the same frames"
MAKE = "adreel make, four photos"
MAKE_FLOOR = "x264 alone, the drawn frames"
EDIT_WORDS = "adreel: change of one beat's words"
EDIT_END = "adreel: change of the price on the end card"
EDIT_LINE = "adreel: change of one spoken line, captioned in the picture"
EDIT_SINGLE = "x264 alone, the whole film"
MAKE_AD = "adreel make, an ad of four photos"
DRAFTS = {
    "draft of photos never seen, first part": ("never", "first", 3.0),
    "draft of photos never seen, whole": ("never", "whole", None),
    "draft of studied photos, first part": ("studied", "first", None),
    "draft of studied photos, whole": ("studied", "whole", 1.5),
    "draft after a change of one beat, whole": ("words", "whole", 0.5),
}
"""What is measured of drafts, by name: work and end as `benchmarks.drafts` takes them, and the most seconds that are promised."""

CODEC_TOLERANCE = 1.15
"""How far above the jitter of exact frames the engine's may lie: other content, other codec noise."""


def _none() -> dict[str, Series]:
    return {}


@dataclass(slots=True)
class Results:
    """What was measured in one run, by part; a part that was left out is empty. `seconds` is the length of a clip, `jitters`
    are px/frame²."""

    rounds: int
    seconds: float
    clips_to_film: Mapping[str, Series] = field(default_factory=_none)
    photos_to_film: Mapping[str, Series] = field(default_factory=_none)
    drawing: Mapping[str, Series] = field(default_factory=_none)
    jitters: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    start: Mapping[str, Series] = field(default_factory=_none)
    edits: Mapping[str, Series] = field(default_factory=_none)
    drafts: Mapping[str, Series] = field(default_factory=_none)
    likeness: tuple[float, float] | None = None
    """Mean and least SSIM of a draft's frames against those of the film."""


def bounds(results: Results) -> list[Bound]:
    """What issue and README promise, against what was measured, of the parts that were measured."""
    return [
        *(_clips_bounds(_Clips(results.clips_to_film)) if results.clips_to_film else ()),
        *(_photos_bounds(results.photos_to_film) if results.photos_to_film else ()),
        *(_engine_bounds(results) if results.drawing else ()),
        *(_edit_bounds(results.edits) if results.edits else ()),
        *_draft_bounds(results.drafts),
        *_likeness_bounds(results.likeness),
        *(Bound(f"{name}, wall", entry.median.wall, 0.4, " s") for name, entry in results.start.items()),
    ]


class _Clips:
    """Ratios between the ways from clips to a film."""

    def __init__(self, series: Mapping[str, Series]) -> None:
        self._films = {name: entry.median for name, entry in series.items()}

    def of_single(self, what: str, name: str, limit: float) -> Bound:
        return Bound(f"{what} / one encode, wall", self._films[name].wall / self._films[SINGLE].wall, limit, " ×")

    def of_floor(self, what: str, name: str) -> Bound:
        return Bound(f"{what} / x264 alone, CPU", self._films[name].cpu / self._films[FLOOR].cpu, 1.10, " ×")

    def of_moviepy(self, what: str, name: str) -> Bound:
        return Bound(f"MoviePy / {what}, wall", self._films[MOVIEPY].wall / self._films[name].wall, 4, " ×", True)


def _clips_bounds(ratios: _Clips) -> list[Bound]:
    return [
        ratios.of_single("film from ready clips", READY_WITHIN, 0.05),
        ratios.of_single("change of words", WITHIN, 0.05),
        ratios.of_floor("conform and encode", ENCODE),
        ratios.of_single("conform and encode", ENCODE, 1.0),
        ratios.of_moviepy("film from approved clips, by command", READY),
    ]


def stricter(results: Results) -> list[Bound]:
    """The same bounds over more than they were set for: the start of a process, looking, the arrival of clips."""
    if not results.clips_to_film:
        return []
    ratios = _Clips(results.clips_to_film)
    return [
        ratios.of_single("film from ready clips, by command", READY, 0.05),
        ratios.of_single("change of words, by command", CHANGE, 0.05),
        ratios.of_floor("conform, encode and look at every frame", SEGMENTS),
        ratios.of_single("conform, encode and look at every frame", SEGMENTS, 1.0),
        ratios.of_moviepy("first film with nothing cached, by command", FIRST),
    ]


def _photos_bounds(series: Mapping[str, Series]) -> list[Bound]:
    made, floor, ad = series[MAKE].median, series[MAKE_FLOOR].median, series[MAKE_AD].median
    frames, frames_of_ad = (_frames(series[name]) for name in (MAKE, MAKE_AD))
    return [
        Bound(
            "an ad with words and end card / photos to film, CPU a frame",
            ad.cpu / frames_of_ad * frames / made.cpu,
            1.15,
            " ×",
        ),
        Bound("photos to film, by command / x264 alone, wall", made.wall / floor.wall, 1.3, " ×"),
        Bound("photos to film, by command / x264 alone, CPU", made.cpu / floor.cpu, 1.3, " ×"),
    ]


def _frames(entry: Series) -> int:
    return int(entry.outcome.split()[0])


def _draft_bounds(series: Mapping[str, Series]) -> list[Bound]:
    limits = {name: limit for name, (_, _, limit) in DRAFTS.items() if limit is not None}
    return [
        Bound(f"{name}, wall", entry.median.wall, limits[name], " s")
        for name, entry in series.items()
        if name in limits
    ]


def _likeness_bounds(likeness: tuple[float, float] | None) -> list[Bound]:
    names = ("draft's frames / the film's scaled, mean SSIM", "draft's frames / the film's scaled, least SSIM")
    return [Bound(name, found, 0.97, "", True) for name, found in zip(names, likeness or (), strict=False)]


def _edit_bounds(series: Mapping[str, Series]) -> list[Bound]:
    single = series[EDIT_SINGLE].median.wall
    return [
        Bound("change of one beat's words / one encode, wall", series[EDIT_WORDS].median.wall / single, 0.2, " ×"),
        Bound("change of the end card / one encode, wall", series[EDIT_END].median.wall / single, 0.05, " ×"),
        Bound("change of a spoken line / one encode, wall", series[EDIT_LINE].median.wall / single, 0.2, " ×"),
    ]


def _engine_bounds(results: Results) -> list[Bound]:
    rate = results.drawing[FLOOR_OF_ENGINE].median.wall / results.drawing[ENGINE].median.wall
    return [
        Bound("engine's frame rate / x264 alone", rate, 0.85, " ×", True),
        Bound("engine's jitter / exact frames", max(_over_exact(results)), CODEC_TOLERANCE, " ×"),
    ]


def _over_exact(results: Results) -> list[float]:
    """The engine's jitter over that of exact frames, for each of the two clips."""
    pairs = zip(results.jitters[ENGINE], results.jitters[EXACT], strict=True)
    return [engine / exact for engine, exact in pairs]


def write(results: Results) -> str:
    """The whole document, or what there is of it."""
    parts = [
        "# Benchmarks",
        f"Written by `make bench`; medians of {results.rounds} rounds, contenders taking turns within each round.",
        machine(),
        "## Promises",
        bounds_table(bounds(results)),
        *((_STRICTER, bounds_table(stricter(results))) if results.clips_to_film else ()),
        *(_clips_section(results) if results.clips_to_film else ()),
        *(_photos_section(results) if results.photos_to_film else ()),
        *(_engine_section(results) if results.drawing else ()),
        *(_edits_section(results) if results.edits else ()),
        *(_drafts_section(results) if results.drafts else ()),
        *(_start_section(results) if results.start else ()),
        "## How it is measured",
        _METHOD,
    ]
    return "\n\n".join(parts) + "\n"


def _clips_section(results: Results) -> list[str]:
    words = _CLIPS.format(seconds=f"{results.seconds:g}")
    return ["## From clips to the film", words, series_table(results.clips_to_film, SINGLE), _CLIPS_NOTES]


def _photos_section(results: Results) -> list[str]:
    return ["## From photos to the film", _PHOTOS, series_table(results.photos_to_film, MAKE_FLOOR)]


def _engine_section(results: Results) -> list[str]:
    jitters = [[name, *(f"{value:.3f}" for value in both)] for name, both in results.jitters.items()]
    return [
        "## The local engine",
        _DRAWING.format(frames=results.drawing[ENGINE].outcome),
        series_table(results.drawing, FLOOR_OF_ENGINE),
        _JITTER,
        table(["jitter, px/frame²", "scene", "plain ground"], jitters),
    ]


def _edits_section(results: Results) -> list[str]:
    return ["## Changes of a script", _EDITS, series_table(results.edits, EDIT_SINGLE)]


def _drafts_section(results: Results) -> list[str]:
    return ["## Drafts", _DRAFTS, series_table(results.drafts, next(iter(results.drafts)))]


def _start_section(results: Results) -> list[str]:
    return ["## Start", series_table(results.start, next(iter(results.start)))]


_STRICTER = """\
Composing is promised of a program that runs, as the service does; conforming and encoding as such; and a film against
MoviePy from clips that were approved, thus encoded when they arrived. With more counted than that (the start of a process, 0.4 s
of Python's imports; the look at every frame; the arrival of clips) the same bounds give:"""

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
- Clips are conformed and encoded when they arrive, so a film from approved clips is *film from ready clips*. The first
  time, arrival included, nothing that encodes these frames can be four times as fast as MoviePy here: even *x264 alone* is not.
- *film from ready clips*: the clips' segments are cached, cards and sound are made. *change of words*: the call to
  action is another one. *In a running program* another film was made before; of that, only the clips are used again: its words,
  colour and music were others, or, for *change of words*, its call to action."""

_PHOTOS = """\
`adreel make` with four photos of the mug and nothing cached, also with a script (words on three of four beats, an end card),
against encoding the same frames, as they were drawn, from a raw file: what
the finished film shows has lost its finest detail and would be some 6 % cheaper to encode."""

_EDITS = """\
A film of a script: four beats of 3 s, three with words, and an end card. It was made in a running program; then one beat says
something else, the price on the end card is another one, or another line is spoken over one beat and captioned in its picture,
and the film is made again: by the program's own clock, from the
order to the checked film. *x264 alone* encodes all frames of this film once, from a raw file."""

_DRAFTS = """\
A draft of an ad of 12 seconds of four photos, in a running program, by its own clock: from the order to the first part, from
which on it plays, or to the last one. *Studied*: the photos were studied for another draft, and every clip is drawn anew. *A
change of one beat*: other words of the same length in the first beat."""

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
- Python's programs start from compiled bytecode, as pip installs them.
- Clips, raw frames, caches and MoviePy's environment are made before the clock starts. Raw frames (1.3 GB) are read
  from the page cache where it is large enough.
- Ratios of one run can be compared between machines; seconds cannot."""
