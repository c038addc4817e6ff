"""Work inside a running program, timed by its own clock. Runs as a process of its own.

Arguments: encode|segments|ready|change, clip seconds, card seconds, data folder, file for the clock, music, target, clips…
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adreel.agents.film_orders import ComposeOrder
from adreel.agents.output import Existing
from adreel.bootstrap.local import build_maker
from adreel.bootstrap.settings import Settings
from adreel.domain.films.clip import Segment
from adreel.domain.films.color import Color
from adreel.domain.films.film import Fit
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS, FrameSize, to_frames
from adreel.media.cards.card import CardKind, CardSpec
from adreel.media.cards.fonts import resolve_font
from adreel.media.clips.probe import probe_clip
from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.process_tuning import tune_process
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import Draw, SegmentStore
from benchmarks.films import CTA, NAME, OTHER_CTA
from benchmarks.measure import Stopwatch


def main(arguments: list[str]) -> None:
    work, clip_seconds, card_seconds, *files = arguments
    data, clock, music, target, *clips = map(Path, files)
    if work in ("encode", "segments"):
        folder = data / "cache" / "segments"
        store = SegmentStore(folder) if work == "segments" else UnseenStore(folder)
        watch = make_segments(store, clips, float(clip_seconds), float(card_seconds))
    else:
        watch = asyncio.run(compose(work, data, clips, float(card_seconds), music, target))
    watch.write(clock)


class UnseenStore(SegmentStore):
    """Segments that nobody looks at: what conforming and encoding alone cost. Nothing could be joined from them."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._folder = root

    def make(
        self,
        key: str,
        size: FrameSize,
        frames: int,
        draw: Draw,
        *,
        kind: str = "other",  # noqa: ARG002 (of every store)
    ) -> Segment:
        self._folder.mkdir(parents=True, exist_ok=True)
        video = self._folder / f"{key}.mp4"
        draw(video, video.with_suffix(".wav"))
        return Segment(key, video, None, frames, size, digest="", black=0, frozen=0)


def make_segments(store: SegmentStore, clips: list[Path], clip_seconds: float, card_seconds: float) -> Stopwatch:
    """Runs until all clips and both cards are segments in the store, as many at once as there are cores.

    The facts of the clips are there before: they are remembered from their examination. The process is prepared as
    `adreel make` prepares its own.
    """
    tune_process()
    maker = SegmentMaker(store, find_ffmpeg(None))
    size = ASPECTS["16:9"]
    infos = {clip: probe_clip(clip) for clip in clips}

    def conform(clip: Path) -> None:
        maker.from_clip(clip, infos[clip], size, to_frames(clip_seconds), Fit.PAD, threads=1, on_frame=no_watch)

    def card(kind: CardKind, text: str) -> None:
        maker.card(
            CardSpec(kind, text, size, to_frames(card_seconds), Color(31, 41, 55), resolve_font(None)), cuttable=False
        )

    watch = Stopwatch()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(conform, clip) for clip in clips]
        jobs += [pool.submit(card, CardKind.INTRO, NAME), pool.submit(card, CardKind.OUTRO, CTA)]
        for job in jobs:
            job.result()
    return watch


async def compose(
    work: str, data: Path, clips: list[Path], card_seconds: float, music: Path, target: Path
) -> Stopwatch:
    """The time of the second of two compositions in one program.

    `ready`: after another film, of which nothing but the clips is used again: other words, colour and music. `change`: after
    a film, the same with another call to action.
    """
    tune_process()
    studio = build_maker(Settings(data_dir=data))

    def film(name: str, cta: str, sound: str, color: str | None = None) -> ComposeOrder:
        options = FilmOptions(
            name=name,
            cta=cta,
            music=sound,
            color=color,
            intro_seconds=card_seconds,
            outro_seconds=card_seconds,
            fit=Fit.PAD,
        )
        return ComposeOrder(tuple(clips), target, options, Existing.REPLACE)

    before = film("Evening Lamp", OTHER_CTA, "chill", "#7a2e1f") if work == "ready" else film(NAME, CTA, str(music))
    await studio.compose(before)
    watch = Stopwatch()
    await studio.compose(film(NAME, CTA if work == "ready" else OTHER_CTA, str(music)))
    return watch


if __name__ == "__main__":
    main(sys.argv[1:])
