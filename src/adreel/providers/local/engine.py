"""The local engine: renders clips from a still photo on the CPU, without an account or a download."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np

from adreel.domain.errors import PhotoError
from adreel.domain.films.scene import Mood, ViewType
from adreel.domain.ports import ProductPicture, Shot, StagedShot
from adreel.media.freed_memory import FREED
from adreel.providers.local.drawing.camera import camera_path
from adreel.providers.local.drawing.still import U8, PhotoLoader
from adreel.providers.local.photo.cutout import Cutout, crop_around
from adreel.providers.local.photo.cutouts import Lazy
from adreel.providers.local.photo.faces import FaceFinder
from adreel.providers.local.photo.finder import ProductFinder
from adreel.providers.local.photo.matte import Matter
from adreel.providers.local.photo.route import LIGHT_SETS, Route, choose_route
from adreel.providers.local.photo.study import Study, study_photo
from adreel.providers.local.shot.framing import Layout, choose_layout, is_sharp, leaves_room
from adreel.providers.local.shot.picture import picture_stage
from adreel.providers.local.shot.product import product_stage
from adreel.providers.local.shot.widen import (
    shows_a_part,
    wide_lettering,
    widened,
    widened_around_all,
    widened_to_words,
)

_MAX_STUDIES = 4
_MAX_PIXELS = 24_000_000
"""Photo studies cached in memory, and the pixels of all their photos: one of 12 million takes up to about 100 MB."""


class LocalEngine:
    """A `FrameEngine`. `load` reads photos; `model` is the network that segments the product (default: the shipped one)."""

    name = "local"
    version = "10"

    def __init__(self, load: PhotoLoader, model: Path | None = None) -> None:
        self._load = load
        models = files("adreel.assets") / "models"
        self._matter = Matter(model or Path(str(models / "u2netp.onnx")))
        self._faces = FaceFinder(Path(str(models / "yunet.onnx")))
        self.find_product = ProductFinder(self._matter)
        self._studies = _Studies(_MAX_STUDIES, _MAX_PIXELS)

    def frames(self, shot: Shot) -> Iterator[U8]:
        """Exactly `shot.frames` I420 pictures of shape (height * 3 / 2, width), bt709, limited range; drawn lazily.

        Deterministic. Raises PhotoError.
        """
        stage = self.stage(shot)
        # Studying a photo frees far more than drawing takes; what the encoder allocates next does not fit into its gaps.
        FREED.give_back()
        for index in range(shot.frames):
            yield stage.draw(index)

    def stage(self, shot: Shot) -> StagedShot:
        """Prepares everything that is computed once per shot."""
        study = self._study(shot.image.path)
        scene, size = shot.scene, shot.composed_for or shot.size
        poses = camera_path(scene.camera_movement, scene.motion_intensity, scene.mood, shot.seed, shot.frames)
        route = choose_route(study.measures, scene.mood)
        made = _cutout(study, route)
        if made is not None:
            cutout, free = made
            mood = scene.mood if free or scene.mood in LIGHT_SETS else Mood.NEUTRAL
            view = scene.image_view
            return product_stage(
                cutout, study.palette, view, mood, poses, size, shot.seed, words=len(shot.words), output=shot.size
            )
        side = 1 if np.random.default_rng(shot.seed).random() < 0.5 else -1
        view = scene.image_view
        lettering = wide_lettering(study, size)
        if lettering is not None:
            # No part of the photo in the frame's shape shows these words: the frame shows them as the subject of a wider one.
            study, view = widened_to_words(study, lettering, size), ViewType.FRONT
        if shows_a_part(study) and not study.heads:
            # A photo that is a close-up itself has no surroundings that could go on.
            view = ViewType.DETAIL
        # A close-up shows a part of the photo in any case: it needs no extension for it.
        close = view is ViewType.DETAIL and not study.heads
        layout = choose_layout(study.whole(), study.subject, size, study.heads)
        if shot.words and not close and not leaves_room(study.whole(), study.known, size):
            study = widened_around_all(study, size)
        elif layout is Layout.EXTEND and not (close and is_sharp(study.whole(), size)):
            study = widened(study, size)
        travels = layout is not Layout.FILL and not close
        return picture_stage(study, view, poses, size, side, travels=travels, words=len(shot.words), output=shot.size)

    def product_picture(self, path: Path) -> ProductPicture:
        """The product of a photo, cropped to it where it can be cut out; else the whole photo. Raises PhotoError."""
        study = self._study(path)
        cutout = study.free()
        if cutout is None:
            return ProductPicture(np.dstack([study.rgb, np.full(study.rgb.shape[:2], 255, np.uint8)]), is_cut=False)
        rows, columns = crop_around(cutout.alpha, cutout.box, 0)
        return ProductPicture(np.dstack([cutout.color, cutout.alpha])[rows, columns], is_cut=True)

    def _study(self, path: Path) -> Study:
        return self._studies.get(_digest(path), lambda: study_photo(self._load(path), self._matter, self._faces))


def _cutout(study: Study, route: Route) -> tuple[Cutout, bool] | None:
    """The cut-out for a route, and whether it is free of its ground. None where the whole photo is shown.

    A product that cannot be freed without a visible fault stays on its own light ground, if it has one.
    """
    free = study.free() if route is Route.RESTAGE else None
    if free is not None:
        return free, True
    divided = study.divided() if route in (Route.RESTAGE, Route.MULTIPLY) else None
    return None if divided is None else (divided, False)


class _Studies:
    """An LRU cache of studies: at most `limit`, with photos of `pixels` in all, and always the last one.

    Thread-safe: concurrent callers share one computation.
    """

    def __init__(self, limit: int, pixels: int) -> None:
        self._limit = limit
        self._pixels = pixels
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Lazy[Study]] = OrderedDict()
        self._sizes: dict[str, int] = {}

    def get(self, key: str, make: Callable[[], Study]) -> Study:
        with self._lock:
            study = self._entries.setdefault(key, Lazy(make))
            self._entries.move_to_end(key)
            while len(self._entries) > self._limit:
                self._remove_oldest()
        try:
            made = study()
        except BaseException:
            # Lets a later call load the same photo from another path.
            self._forget(key, study)
            raise
        self._note_size(key, made.rgb.shape[0] * made.rgb.shape[1])
        return made

    def _note_size(self, key: str, pixels: int) -> None:
        with self._lock:
            if key in self._entries:
                self._sizes[key] = pixels
            while len(self._entries) > 1 and sum(self._sizes.values()) > self._pixels:
                self._remove_oldest()

    def _remove_oldest(self) -> None:
        self._sizes.pop(self._entries.popitem(last=False)[0], None)

    def _forget(self, key: str, study: Lazy[Study]) -> None:
        with self._lock:
            if self._entries.get(key) is study:
                del self._entries[key]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}") from error
