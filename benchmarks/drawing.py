"""Two clips drawn by the local engine at once, straight into segments, as `adreel make` does. A process of its own.

Arguments: draw|dump, frames, folder, file for the clock, two photos. `draw` makes segments and writes how long the frames
took once the photos were studied; `dump` writes the same frames raw, for the floor.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adreel.agents.agent import encoder_threads
from adreel.domain.films.formats import ASPECTS
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.domain.ports import Shot
from adreel.media.photos.photo import load_photo
from adreel.media.process_tuning import tune_process
from adreel.media.segments.encoder import SegmentEncoder
from adreel.providers.local.engine import LocalEngine
from benchmarks.measure import Stopwatch

SIZE = ASPECTS["16:9"]


def threads(clips: int) -> int:
    """Encoder threads for each of `clips` made at once, as `adreel make` chooses them."""
    return encoder_threads(0, clips, os.cpu_count() or 1)


def shot_of(photo: Path, index: int, frames: int) -> Shot:
    """The same plain order for every photo: a push in of middling strength."""
    scene = Scene(ViewType.FRONT, "", CameraMovement.PUSH_IN, 0.5)
    return Shot(ApprovedImage(f"photo{index}", photo, ViewType.FRONT), scene, SIZE, frames, index)


def main(arguments: list[str]) -> None:
    work, frames, folder, clock, *photos = arguments
    shots = [shot_of(Path(photo), index, int(frames)) for index, photo in enumerate(photos)]
    if work == "dump":
        for index, shot in enumerate(shots):
            dump(shot, Path(folder) / f"drawn{index}.yuv")
        return
    draw(shots, Path(folder)).write(Path(clock))


def dump(shot: Shot, target: Path) -> None:
    with target.open("wb") as file:
        for frame in LocalEngine(load_photo).frames(shot):
            file.write(frame.tobytes())


def draw(shots: list[Shot], folder: Path) -> Stopwatch:
    """Runs while all frames are drawn and encoded. The study of a photo, once per photo, is done before."""
    tune_process()
    engine = LocalEngine(load_photo)
    ready = threading.Barrier(len(shots) + 1)

    def make(index: int, shot: Shot) -> None:
        pictures = engine.frames(shot)
        first = next(pictures)
        ready.wait()
        with SegmentEncoder(
            folder / f"drawn{index}.mp4", shot.size, shot.frames, threads=threads(len(shots))
        ) as encoder:
            for picture in itertools.chain([first], pictures):
                encoder.write(picture)

    with ThreadPoolExecutor(len(shots)) as pool:
        jobs = [pool.submit(make, index, shot) for index, shot in enumerate(shots)]
        ready.wait()
        watch = Stopwatch()
        for job in jobs:
            job.result()
    return watch


if __name__ == "__main__":
    main(sys.argv[1:])
