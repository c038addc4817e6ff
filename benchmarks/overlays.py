"""`python -m benchmarks.overlays`: what words on a clip of 1080p cost, in CPU milliseconds: placing them once, and laying them
over a frame at rest and while they come. The figures of docs/overlays.md."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.subject import Subject
from adreel.media.overlays.loader import text_styles
from adreel.media.overlays.overlay import Captioned, plan_overlay
from adreel.media.process_tuning import tune_process

Picture = npt.NDArray[np.uint8]

WORDS = (
    ScreenText(TextRole.BADGE, "Save 20 %"),
    ScreenText(TextRole.HEADLINE, "Made to last"),
    ScreenText(TextRole.BULLET, "Dishwasher safe"),
    ScreenText(TextRole.PRICE, "$129", "$169"),
)
SIZE = ASPECTS["16:9"]
FRAMES = 240
REPEAT = 5


@dataclass(frozen=True)
class Grey:
    """A mid-grey picture with a product at the right, on which every style needs a shade or a panel."""

    subject: Subject

    def samples(self, indexes: Sequence[int]) -> Iterator[Picture]:
        return (picture(SIZE) for _ in indexes)

    def frames(self) -> Iterator[Picture]:
        return self.samples(range(FRAMES))


def picture(size: FrameSize) -> Picture:
    frame = np.full((size.height * 3 // 2, size.width), 128, np.uint8)
    frame[: size.height] = 105
    return frame


def main() -> None:
    tune_process()
    box = Box(1000, 150, 1800, 930)
    footage = Grey(Subject((box,), (box,)))
    print("| style | placing, ms | a frame at rest, ms | a frame while words come, ms |\n|---|---|---|---|")
    for style in text_styles():
        captioned = Captioned(WORDS, style, SIZE, FRAMES)
        start = time.process_time()
        overlay = plan_overlay(captioned, footage)
        placing = time.process_time() - start
        rest = range(overlay.times.full, overlay.times.leaving)
        coming = range(overlay.times.first, overlay.times.full)
        frame = picture(SIZE)
        costs: list[float] = []
        for indexes in (rest, coming):
            start = time.process_time()
            for index in chain.from_iterable([indexes] * REPEAT):
                overlay.lay(frame, index)
            costs.append((time.process_time() - start) / REPEAT / len(indexes))
        print(f"| `{style.name}` | {1000 * placing:.0f} | {1000 * costs[0]:.2f} | {1000 * costs[1]:.2f} |")


if __name__ == "__main__":
    main()
