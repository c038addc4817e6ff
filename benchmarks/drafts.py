"""Times drafts and their film in one running program: ``python -m benchmarks.drafts PHOTO…``, wall and CPU seconds.

A draft of photos that were never seen, one of studied photos (another seed, so that every clip is drawn), one after a change of
the words of one beat that keeps its length, the same again, and the film.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

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

FACTS = ("Fired twice", "Holds a large coffee", "Made by hand in Oslo")
NAME, OTHER_NAME = "Morgen Mug", "Morgen Cup"
SECONDS = 12.0


def script(photos: tuple[Path, ...]) -> Ad:
    """An ad of `SECONDS` seconds."""
    return write_script(AdRequest(photos=tuple(map(str, photos)), product=NAME, facts=FACTS, seconds=SECONDS))


def edited(ad: Ad) -> Ad:
    """The ad with other words, as many as before, in its first beat."""
    first = ad.beats[0]
    words = tuple(replace(each, text=each.text.replace(NAME, OTHER_NAME)) for each in first.words)
    return replace(ad, beats=(replace(first, words=words), *ad.beats[1:]), facts=(*ad.facts, OTHER_NAME))


async def timed(maker: FilmMaker, what: str, order: MakeOrder) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    await maker.make(order)
    print(f"{what:<40} {time.perf_counter() - wall:6.2f} s {time.process_time() - processor:6.2f} CPU s")


async def main(photos: tuple[Path, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        maker = build_maker(Settings(data_dir=Path(folder)))
        ad = script(photos)

        def order(of: Ad, film: FilmOptions) -> MakeOrder:
            return MakeOrder(photos, Path(folder) / "film.mp4", film=film, existing=Existing.REPLACE, script=of)

        draft, other = FilmOptions(draft=True), FilmOptions(draft=True, seed=1)
        await timed(maker, "draft, photos never seen", order(ad, draft))
        await timed(maker, "draft, photos studied", order(ad, other))
        await timed(maker, "draft, words of one beat changed", order(edited(ad), other))
        await timed(maker, "draft, nothing changed", order(edited(ad), other))
        await timed(maker, "the film", order(ad, FilmOptions()))


if __name__ == "__main__":
    tune_process()
    asyncio.run(main(tuple(map(Path, sys.argv[1:]))))
