"""A change of a script's film inside a running program, timed by its own clock. Runs as a process of its own.

Arguments: words|end|line, data folder, file for the clock, target, four photos. The film was made in this program before; then
one beat shows something else, the end card has another price, or another line is spoken over one beat and captioned in its
picture.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from adreel.agents.film_orders import MakeOrder
from adreel.agents.output import Existing
from adreel.bootstrap.local import build_maker
from adreel.bootstrap.settings import Settings
from adreel.domain.ad import Ad
from adreel.domain.films.captions import Captions
from adreel.domain.films.film_options import SPEAKING, FilmOptions
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.media.process_tuning import tune_process
from benchmarks.films import NAME
from benchmarks.measure import Stopwatch

_SCRIPT = """
version = 1
product = "{name}"
facts = ["Holds 350 ml", "Holds 400 ml", "Hand-glazed stoneware"]
style = "editorial"
[offer]
price = "{price}"
currency = "EUR"
[end]
cta = "Order for €{price}"
[[beats]]
name = "hook"
shot = {{ photo = 1, framing = "front", camera = "push_in" }}
words = [{{ role = "headline", text = "{name}" }}]
seconds = 3.0
[[beats]]
name = "size"
shot = {{ photo = 2, framing = "angle", camera = "arc_left" }}
words = [{{ role = "headline", text = "{size}" }}]
seconds = 3.0
[[beats]]
name = "make"
shot = {{ photo = 3, framing = "detail", camera = "pan_left" }}
words = [{{ role = "headline", text = "Hand-glazed stoneware" }}]
seconds = 3.0
[[beats]]
name = "last"
shot = {{ photo = 4, framing = "lifestyle", camera = "pull_out" }}
seconds = 3.0
"""


def text(size: str = "Holds 350 ml", price: str = "24.90") -> str:
    """A script of four beats of 3 s and an end card, whose second beat and price can be others."""
    return _SCRIPT.format(name=NAME, size=size, price=price)


def ad(size: str = "Holds 350 ml", price: str = "24.90") -> Ad:
    return parse_ad(text(size, price))


def spoken(line: str) -> Ad:
    """The script with lines over its first three beats, of which the second is `line`."""
    script, lines = ad(), ("Good morning.", line, "By hand.", None)
    beats = tuple(replace(beat, spoken=each) for beat, each in zip(script.beats, lines, strict=True))
    return replace(script, beats=beats)


_CHANGES = {
    "words": (ad(), ad(size="Holds 400 ml")),
    "end": (ad(), ad(price="22.90")),
    "line": (spoken("Made for mornings."), spoken("Made for a calm evening.")),
}
"""The script of the film that is there, and the changed one."""


async def change(work: str, data: Path, target: Path, photos: tuple[Path, ...]) -> Stopwatch:
    """The time of the second of two films in one program."""
    tune_process()
    studio = build_maker(Settings(data_dir=data))

    def film(script: Ad) -> MakeOrder:
        is_spoken = work == "line"
        options = FilmOptions(voice=SPEAKING, captions=Captions.ON) if is_spoken else FilmOptions()
        return MakeOrder(photos, target, film=options, existing=Existing.REPLACE, script=script)

    before, after = _CHANGES[work]
    await studio.make(film(before))
    watch = Stopwatch()
    await studio.make(film(after))
    return watch


def main(arguments: list[str]) -> None:
    work, *files = arguments
    data, clock, target, *photos = map(Path, files)
    asyncio.run(change(work, data, target, tuple(photos))).write(clock)


if __name__ == "__main__":
    main(sys.argv[1:])
