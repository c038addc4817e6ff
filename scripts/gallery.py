"""Draws frames of the example ads of examples/ads.toml, one of each beat, and shows them in docs/gallery.md.

    python scripts/gallery.py [--only mug] [--demo out/demo.mp4] [--sheets FOLDER]

--demo makes the first picture of the README of the film of `make demo`; --sheets also writes two frames of every beat.
"""

from __future__ import annotations

import argparse
import asyncio
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from adreel.agents.boards import board_of, first_spec
from adreel.agents.film_orders import MakeOrder
from adreel.agents.script import write_script
from adreel.agents.video_generator import ClipsOrder, captioned_of, shots_of
from adreel.domain.ad import EndCard, Offer
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.ports import Shot
from adreel.domain.scripts.ad_request import AdRequest
from adreel.media.end_cards.end_card import EndCardSpec, end_card_still
from adreel.media.overlays.footage import footage_of
from adreel.media.overlays.overlay import plan_overlay
from adreel.media.photos.photo import load_photo
from adreel.media.process_tuning import tune_process
from adreel.media.yuv import i420_to_rgb
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.providers.planning.scene_rules import RuleScenePlanner

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, DOCS = ROOT / "examples", ROOT / "docs"
PAGE, FOLDER, DEMO = DOCS / "gallery.md", DOCS / "gallery", DOCS / "demo.webp"
HIGH = {"16:9": 150, "9:16": 240, "1:1": 190}
"""Height of a still in pixels, by aspect."""

GAP, QUALITY = 6, 62
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ExampleAd:
    """One ad of the gallery."""

    example: str
    recipe: str
    aspect: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.example}-{self.recipe}-{self.aspect.replace(':', 'x')}"

    @property
    def photos(self) -> tuple[Path, ...]:
        return tuple(EXAMPLES / photo for photo in self.facts["photos"])

    @property
    def request(self) -> AdRequest:
        known = self.facts
        return AdRequest(
            tuple(map(str, self.photos)),
            known["title"],
            facts=tuple(known["facts"]),
            offer=Offer(Decimal(known["price"]), known["currency"], Decimal(known["was"])),
            end=EndCard(known["cta"], known["address"], known["legal"]),
            brand=known["brand"],
            recipe=self.recipe,
            style=known["styles"][self.recipe],
            prompt=known["prompt"],
        )


def example_ads(only: Sequence[str] = ()) -> Iterator[ExampleAd]:
    """The ads of examples/ads.toml, or those of some examples."""
    document = tomllib.loads((EXAMPLES / "ads.toml").read_text(encoding="utf-8"))
    for example, facts in document["ads"].items():
        if not only or example in only:
            for recipe in document["recipes"]:
                yield from (ExampleAd(example, recipe, aspect, facts) for aspect in document["aspects"])


@dataclass(frozen=True)
class Drawn:
    """Frames of an ad: of each beat and the end card one with all words (`said`), and several in their order (`course`)."""

    said: list[Picture]
    course: list[Picture]
    seconds: float


class Painter:
    """Draws single frames of ads, by the same code as their films, without encoding any."""

    def __init__(self) -> None:
        self._engine = LocalEngine(load_photo)
        self._planner = RuleScenePlanner()

    def draw(self, ad: ExampleAd) -> Drawn:
        options = FilmOptions(aspect=ad.aspect, draft=True)
        board = board_of(MakeOrder(ad.photos, Path("ad.mp4"), film=options, script=write_script(ad.request)))
        spec = first_spec(board)
        scenes = asyncio.run(self._planner.plan(board.images, board.prompt))
        order = ClipsOrder(board.images, board.prompt, 0, spec.size, spec.seed, plans=board.plans)
        shots = shots_of(replace(order, composed_for=spec.composed_for), scenes)
        beats = [self._beat(shot) for shot in shots]
        end = self._end(spec, ad.photos[0])
        course = [each for beat in beats for each in beat] + [end]
        return Drawn([*(beat[1] for beat in beats), end], course, (sum(board.lengths) + spec.outro_frames) / 30)

    def _beat(self, shot: Shot) -> tuple[Picture, Picture]:
        """The first frame of a beat, and one in which all its words are there."""
        footage = footage_of(self._engine, shot)
        overlay = plan_overlay(captioned_of(shot, shot.frames), footage)
        said = max(0, overlay.times.leaving - 1) if shot.words else shot.frames // 2
        first, second = footage.samples([0, said])
        return i420_to_rgb(overlay.laid(first, 0)), i420_to_rgb(overlay.laid(second, said))

    def _end(self, spec: FilmSpec, photo: Path) -> Picture:
        if spec.end_card is None:
            raise SystemExit("an ad of the gallery has an end card: give it a call to action")
        card = EndCardSpec(spec.end_card, spec.text.cta, brand_color(load_photo(photo)), spec.size, spec.outro_frames)
        return i420_to_rgb(end_card_still(card, self._engine.product_picture(photo)))


def pictures(film: Path, wanted: Sequence[int]) -> list[Picture]:
    """These frames of a film, which are in rising order, as RGB."""
    reader, found = cv2.VideoCapture(str(film)), list[Picture]()
    for index in range(max(wanted) + 1):
        is_read, picture = reader.read()
        if not is_read:
            raise SystemExit(f"{film} has no frame {index}")
        if index in wanted:
            found.append(np.asarray(picture[:, :, ::-1], np.uint8))
    reader.release()
    return found


def row(shown: Sequence[Picture], high: int) -> Image.Image:
    """Pictures side by side."""
    small = [Image.fromarray(each).resize((round(each.shape[1] * high / each.shape[0]), high)) for each in shown]
    strip = Image.new("RGB", (sum(each.width + GAP for each in small) - GAP, high), "white")
    left = 0
    for each in small:
        strip.paste(each, (left, 0))
        left += each.width + GAP
    return strip


def sheet(shown: Sequence[Picture], path: Path) -> None:
    """All drawn frames of an ad, in rows of four."""
    high = 270 if shown[0].shape[1] > shown[0].shape[0] else 400
    rows = [row(shown[start : start + 4], high) for start in range(0, len(shown), 4)]
    whole = Image.new("RGB", (rows[0].width, sum(each.height + GAP for each in rows)), "white")
    for number, each in enumerate(rows):
        whole.paste(each, (0, number * (each.height + GAP)))
    whole.save(path)


def page(ads: Sequence[ExampleAd]) -> str:
    lines = [
        "# Gallery",
        "",
        "Ads of the example products, each of the same photos and facts (`examples/ads.toml`): three recipes in three aspects. A",
        "still shows each beat with its words, the last one the end card. `make gallery` makes this page.",
    ]
    titles = dict.fromkeys((ad.example, ad.recipe) for ad in ads)
    for example, recipe in titles:
        group = [ad for ad in ads if (ad.example, ad.recipe) == (example, recipe)]
        facts = group[0].facts
        lines += ["", f"## {facts['title']}: {recipe}", "", f"Text style {facts['styles'][recipe]}.", ""]
        lines += [f"![{facts['title']}, {recipe}, {ad.aspect}](gallery/{ad.name}.webp)\n" for ad in group]
    return "\n".join(lines).rstrip() + "\n"


def make_gallery(ads: Sequence[ExampleAd], sheets: Path | None) -> None:
    FOLDER.mkdir(exist_ok=True)
    painter = Painter()
    for ad in ads:
        drawn = painter.draw(ad)
        row(drawn.said, HIGH[ad.aspect]).save(FOLDER / f"{ad.name}.webp", quality=QUALITY, method=6)
        if sheets:
            sheet(drawn.course, sheets / f"{ad.name}.png")
        print(f"{ad.name}: {len(drawn.said)} stills of {drawn.seconds:.1f} s", flush=True)


def show_demo(film: Path) -> None:
    """The first picture of the README: four frames of the film of `make demo`, where its words are."""
    count = int(cv2.VideoCapture(str(film)).get(cv2.CAP_PROP_FRAME_COUNT))
    shown = pictures(film, [round(share * (count - 1)) for share in (0.08, 0.25, 0.7, 0.98)])
    first, second = row(shown[:2], 270), row(shown[2:], 270)
    whole = Image.new("RGB", (first.width, 2 * first.height + GAP), "white")
    whole.paste(first, (0, 0))
    whole.paste(second, (0, first.height + GAP))
    whole.save(DEMO, quality=72, method=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="an example; may be given several times")
    parser.add_argument("--demo", type=Path, help="the film of make demo, for the picture of the README")
    parser.add_argument("--sheets", type=Path, help="an existing folder for two frames of every beat")
    given = parser.parse_args()
    tune_process()
    make_gallery(list(example_ads(given.only)), given.sheets)
    PAGE.write_text(page(list(example_ads())), encoding="utf-8")
    if given.demo:
        show_demo(given.demo)


if __name__ == "__main__":
    main()
