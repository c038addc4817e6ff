"""A draft in a running program, timed by its own clock. Runs as a process of its own.

Arguments: never|studied|words|nothing, first|whole, data folder, file for the clock, photos. `never`: of photos that were never
seen; `studied`: of studied photos, another take, so that every clip is drawn; `words`: after a change of the words of one beat
that keeps its length; `nothing`: once more. `first`: until the first part has come, from which on the draft plays; `whole`: until
the last. `python -m benchmarks.drafts show DATA PHOTO…` shows all of it, and the film; `likeness DATA PHOTO…` prints the mean and
the least SSIM of a draft's frames against those of the film, scaled to its size.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from adreel.agents.film_orders import MakeOrder
from adreel.agents.maker import FilmMaker
from adreel.agents.output import Existing
from adreel.agents.script import write_script
from adreel.bootstrap.local import build_maker
from adreel.bootstrap.settings import Settings
from adreel.domain.ad import Ad
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.scripts.ad_request import AdRequest
from adreel.media.process_tuning import tune_process
from benchmarks.measure import Stopwatch

Luma = npt.NDArray[np.float32]
FACTS = ("Fired twice", "Holds a large coffee", "Made by hand in Oslo")
NAME, OTHER_NAME = "Morgen Mug", "Morgen Cup"
SECONDS = 12.0
WORKS = ("never", "studied", "words", "nothing")


def script(photos: tuple[Path, ...]) -> Ad:
    """An ad of `SECONDS` seconds."""
    return write_script(AdRequest(photos=tuple(map(str, photos)), product=NAME, facts=FACTS, seconds=SECONDS))


def edited(ad: Ad) -> Ad:
    """The ad with other words, as many as before, in its first beat."""
    first = ad.beats[0]
    words = tuple(replace(each, text=each.text.replace(NAME, OTHER_NAME)) for each in first.words)
    return replace(ad, beats=(replace(first, words=words), *ad.beats[1:]), facts=(*ad.facts, OTHER_NAME))


@dataclass(frozen=True, slots=True)
class Drafts:
    """The four drafts of an ad, each of which presumes the ones before it."""

    maker: FilmMaker
    photos: tuple[Path, ...]
    out: Path

    def order(self, work: str) -> MakeOrder:
        ad = script(self.photos)
        film = FilmOptions(seed=0 if work == "never" else 1)
        changed = edited(ad) if work in ("words", "nothing") else ad
        return MakeOrder(self.photos, self.out, film=film, existing=Existing.REPLACE, script=changed)

    async def draw(self, work: str, until: str = "whole") -> None:
        """Reads a draft up to its first part or its end."""
        async with aclosing(self.maker.draft(self.order(work))) as parts:
            async for _ in parts:
                if until == "first":
                    return


async def timed(drafts: Drafts, work: str, until: str, clock: Path) -> None:
    """Writes the time of one draft after those before it."""
    for before in WORKS[: WORKS.index(work)]:
        await drafts.draw(before)
    watch = Stopwatch()
    await drafts.draw(work, until)
    watch.write(clock)


async def show(drafts: Drafts) -> None:
    for work in WORKS:
        wall, processor = time.perf_counter(), time.process_time()
        async with aclosing(drafts.maker.draft(drafts.order(work))) as parts:
            times = [time.perf_counter() - wall async for _ in parts]
        spent = time.process_time() - processor
        print(
            f"{work:<8} first part {times[0]:5.2f} s, whole {times[-1]:5.2f} s, {spent:5.2f} CPU s, {len(times)} parts"
        )
    wall, processor = time.perf_counter(), time.process_time()
    await drafts.maker.make(drafts.order("never"))
    print(f"the film {time.perf_counter() - wall:5.2f} s, {time.process_time() - processor:5.2f} CPU s")


async def likeness(drafts: Drafts) -> tuple[float, float]:
    """The mean and the least SSIM of a draft's frames against the film's, which are scaled to the draft's size."""
    draft = drafts.out.with_name("draft.mp4")
    async with aclosing(drafts.maker.draft(drafts.order("never"))) as parts:
        draft.write_bytes(b"".join([part async for part in parts]))
    await drafts.maker.make(drafts.order("never"))
    pairs = zip(luma_frames(draft), luma_frames(drafts.out), strict=True)
    found = [ssim(small, scaled(large, small)) for small, large in pairs]
    return sum(found) / len(found), min(found)


def luma_frames(film: Path) -> Iterator[Luma]:
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray").astype(np.float32)


def scaled(large: Luma, small: Luma) -> Luma:
    size = (small.shape[1], small.shape[0])
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.float32)


def ssim(one: Luma, other: Luma) -> float:
    """Mean structural similarity of two luma pictures of 0-255 (Wang, Bovik, Sheikh, Simoncelli 2004)."""

    def smooth(picture: Luma) -> Luma:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float32)

    first, second = smooth(one), smooth(other)
    variances = smooth(one * one) + smooth(other * other) - first * first - second * second
    shared = smooth(one * other) - first * second
    bright, strong = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * first * second + bright) / (first * first + second * second + bright)
    return float((alike * (2 * shared + strong) / (variances + strong)).mean())


def main(arguments: list[str]) -> None:
    tune_process()
    if arguments[0] == "likeness":
        folder, *photos = map(Path, arguments[1:])
        print("{:.4f} {:.4f}".format(*asyncio.run(likeness(_drafts(folder, photos)))))
        return
    if arguments[0] == "show":
        folder, *photos = map(Path, arguments[1:])
        asyncio.run(show(_drafts(folder, photos)))
        return
    work, until, *files = arguments
    folder, clock, *photos = map(Path, files)
    asyncio.run(timed(_drafts(folder, photos), work, until, clock))


def _drafts(folder: Path, photos: list[Path]) -> Drafts:
    return Drafts(build_maker(Settings(data_dir=folder)), tuple(photos), folder / "film.mp4")


if __name__ == "__main__":
    main(sys.argv[1:])
