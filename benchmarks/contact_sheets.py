"""`python -m benchmarks.contact_sheets [PHOTO...]`: clips of 40 photos as contact sheets, to be looked at one by one.

The photos are those given, the examples, and drawn subjects on six grounds (`benchmarks.cutouts`), a third of them cut tall and a
third wide, up to 40. A row shows a photo, then the first and the last frame of its clip in 16:9 and in 9:16, as `adreel make`
composes them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import cv2
import numpy as np

from adreel.agents.script import images_of
from adreel.domain.films.formats import draft_size, frame_size
from adreel.domain.films.scene import ApprovedImage, Scene
from adreel.domain.ports import Shot
from adreel.media.photos.photo import load_photo
from adreel.media.yuv import i420_to_rgb
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.engine import LocalEngine
from adreel.providers.planning.scene_rules import RuleScenePlanner
from benchmarks.cutouts.photo_set import MadePhoto, made_photos
from benchmarks.report import ROOT

_OUT = ROOT / "out" / "contact-sheets"
_PHOTOS, _ROWS = 40, 5
_ASPECTS = ("16:9", "9:16")
_HEIGHT, _WIDTH, _FRAMES, _SEED = 260, 460, 90, 7


def main() -> None:
    cv2.setNumThreads(1)
    _OUT.mkdir(parents=True, exist_ok=True)
    given = [Path(name).resolve() for name in sys.argv[1:]]
    found = [*given, *sorted(path for path in (ROOT / "examples").glob("*/*") if path.suffix in (".jpg", ".png"))]
    photos = [*found, *_drawn(_PHOTOS - len(found))]
    images = images_of(photos)
    scenes = asyncio.run(RuleScenePlanner().plan(images, ""))
    engine = LocalEngine(load_photo)
    rows: list[U8] = []
    for number, (image, scene) in enumerate(zip(images, scenes, strict=True), start=1):
        rows.append(_row(engine, image, scene, number))
        print(number, image.path.name, flush=True)
        if len(rows) == _ROWS or number == len(images):
            sheet = _OUT / f"{-(-number // _ROWS):02d}.jpg"
            cv2.imwrite(str(sheet), np.vstack(rows)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
            rows.clear()


def _drawn(count: int) -> list[Path]:
    """So many drawn photos, evenly chosen among all subjects and grounds."""
    made = list(made_photos())
    chosen = made[:: len(made) // count][:count]
    return [_written(photo, number) for number, photo in enumerate(chosen)]


def _written(photo: MadePhoto, number: int) -> Path:
    height, width = photo.rgb.shape[:2]
    rows = slice(round(0.25 * height), height) if number % 3 == 2 else slice(0, height)
    columns = slice(round(0.28 * width), round(0.72 * width)) if number % 3 == 1 else slice(0, width)
    path = _OUT / f"{photo.name}.png"
    # The drawn subjects have no order of colours of their own.
    cv2.imwrite(str(path), photo.rgb[rows, columns, ::-1])
    return path


def _row(engine: LocalEngine, image: ApprovedImage, scene: Scene, number: int) -> U8:
    cells = [_fitted(load_photo(image.path, 960).rgb)]
    for aspect in _ASPECTS:
        full = frame_size(aspect)
        stage = engine.stage(Shot(image, scene, draft_size(full), _FRAMES, _SEED + number, composed_for=full))
        cells += [_fitted(i420_to_rgb(stage.draw(index))) for index in (0, _FRAMES - 1)]
    row = np.full((_HEIGHT + 24, 1740, 3), 40, np.uint8)
    left = 0
    for cell in cells:
        height, width = cell.shape[:2]
        row[24 : 24 + height, left : left + width] = cell
        left += width + 8
    words = f"{number} {image.path.name}: {image.view_type}, {scene.camera_movement}"
    cv2.putText(row, words, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return row


def _fitted(rgb: U8) -> U8:
    """The picture as high as a row, or as wide as a cell where it is a banner."""
    height, width = rgb.shape[:2]
    scale = min(_HEIGHT / height, _WIDTH / width)
    size = (max(1, round(width * scale)), min(_HEIGHT, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
