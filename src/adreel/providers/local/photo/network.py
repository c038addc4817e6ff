"""A neural network in OpenCV that takes memory only while it is used."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from adreel.domain.errors import SetupError
from adreel.providers.local.drawing.still import Floats


class Network:
    """An ONNX model. Thread-safe; calls are serialised.

    After a call OpenCV holds the results of all layers: 130 MB for u2netp at 256 pixels. Loading it takes 0.06 CPU seconds, so it
    is loaded for as long as a block of `loaded` runs in any thread, and freed afterwards.
    """

    def __init__(self, model: Path) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._users = 0
        self._network: cv2.dnn.Net | None = None

    @property
    def is_loaded(self) -> bool:
        return self._network is not None

    @contextmanager
    def loaded(self) -> Generator[None]:
        """Keeps the network loaded between the calls of the block."""
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._network = None

    def __call__(self, blob: Floats, outputs: Sequence[str]) -> list[Floats]:
        """The named outputs for an input of shape (1, channels, height, width). Raises SetupError without its file."""
        with self.loaded(), self._lock:
            network = self._network = self._network or self._load()
            network.setInput(blob)
            # Copied: the network's own memory is overwritten by the next call.
            return [np.array(output, np.float32) for output in network.forward(list(outputs))]

    def _load(self) -> cv2.dnn.Net:
        try:
            # OpenCV's newer engine gives the same result within 1e-4 and takes a quarter longer.
            return cv2.dnn.readNetFromONNX(str(self._model), cv2.dnn.ENGINE_CLASSIC)
        except cv2.error as error:
            raise SetupError(f"{self._model} is missing or damaged: install adreel again") from error
