"""The local engine: moving pictures from a still, on the processor, with no account and no download."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np

from adreel.domain.errors import PhotoError
from adreel.domain.ports import Shot
from adreel.domain.scene import Mood, ViewType
from adreel.providers.local.camera import camera_path
from adreel.providers.local.card import card_stage
from adreel.providers.local.cutouts import nothing
from adreel.providers.local.framing import fits
from adreel.providers.local.matte import Matter
from adreel.providers.local.once import Once
from adreel.providers.local.picture import picture_stage
from adreel.providers.local.product import product_stage
from adreel.providers.local.route import LIGHT_SETS, Route, choose_route
from adreel.providers.local.still import U8, PhotoLoader
from adreel.providers.local.study import Study, study_photo
from adreel.providers.local.widen import widened

_KEPT = 4
"""Photos whose study is kept in memory; one of 4096 pixels takes up to about 100 MB."""


class Stage(Protocol):
    def draw(self, index: int) -> U8: ...


class LocalEngine:
    """A `FrameEngine`. `load` reads photos; `model` is the network that finds the product (default: the one in the package)."""

    name = "local"
    version = "4"

    def __init__(self, load: PhotoLoader, model: Path | None = None) -> None:
        self._load = load
        self._matter = Matter(model or Path(str(files("adreel.assets") / "models" / "u2netp.onnx")))
        self._studies = _Studies(_KEPT)

    def frames(self, shot: Shot) -> Iterator[U8]:
        """Exactly `shot.frames` I420 pictures of shape (height * 3 / 2, width), bt709, limited range; drawn one at a time.

        The same shot gives the same bytes. Raises PhotoError.
        """
        stage = self.stage(shot)
        for index in range(shot.frames):
            yield stage.draw(index)

    def stage(self, shot: Shot) -> Stage:
        """Everything that is done once for a shot."""
        study = self._study(shot.image.path)
        scene, size = shot.scene, shot.size
        poses = camera_path(scene.camera_movement, scene.motion_intensity, scene.mood, shot.seed, shot.frames)
        route = choose_route(study.measures, scene.mood)
        cutout = {Route.MULTIPLY: study.divided, Route.RESTAGE: study.free}.get(route, nothing)()
        if cutout is not None:
            mood = scene.mood if route is Route.RESTAGE or scene.mood in LIGHT_SETS else Mood.NEUTRAL
            return product_stage(cutout, study.palette, scene.image_view, mood, poses, size, shot.seed)
        side = 1 if np.random.default_rng(shot.seed).random() < 0.5 else -1
        if scene.image_view is not ViewType.DETAIL and not fits(study.whole(), study.subject, size):
            wide = widened(study, size)
            if wide is None:
                return card_stage(study, scene.image_view, poses, size, side, shot.seed)
            study = wide
        return picture_stage(study, scene.image_view, poses, size, side, bent=route is Route.SHEET)

    def _study(self, path: Path) -> Study:
        return self._studies.get(_digest(path), lambda: study_photo(self._load(path), self._matter))


class _Studies:
    """The most recently used studies. Each is made once, also when several threads want it at the same time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Once[Study]] = OrderedDict()

    def get(self, key: str, make: Callable[[], Study]) -> Study:
        with self._lock:
            study = self._kept.setdefault(key, Once(make))
            self._kept.move_to_end(key)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        try:
            return study()
        except BaseException:
            # The same photo may come again from another place.
            self._forget(key, study)
            raise

    def _forget(self, key: str, study: Once[Study]) -> None:
        with self._lock:
            if self._kept.get(key) is study:
                del self._kept[key]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}") from error
