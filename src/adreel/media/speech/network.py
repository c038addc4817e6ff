"""A network of the voice in OpenCV, with several inputs by name."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.errors import SetupError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Inputs = Mapping[str, npt.NDArray[np.int64] | Floats]


class SpeechNetwork:
    """An ONNX model; loaded at the first call, which takes 0.2 CPU seconds. Thread-safe; calls are serialised.

    `outputs` are all outputs in the order of the file: OpenCV's newer engine returns no others, the classic one cannot read these
    models. `between` are inputs of another shape. OpenCV plans its memory by the shapes of the inputs; where the length of an
    output follows from their values as well, one that is longer than that of the last inputs of the same shape does not fit.
    """

    def __init__(self, model: Path, outputs: Sequence[str], between: Inputs | None = None) -> None:
        self._model = model
        self._outputs = list(outputs)
        self._between = between
        self._shapes: list[tuple[int, ...]] = []
        self._lock = threading.Lock()

    def __call__(self, inputs: Inputs) -> list[Floats]:
        """The outputs. Raises SetupError without its file."""
        shapes = [values.shape for values in inputs.values()]
        with self._lock:
            if self._between is not None and shapes == self._shapes:
                self._forward(self._between)
            self._shapes = shapes
            return self._forward(inputs)

    def _forward(self, inputs: Inputs) -> list[Floats]:
        for name, values in inputs.items():
            self._net.setInput(np.ascontiguousarray(values), name)
        # Copied: the network's own memory is overwritten by the next call.
        return [np.array(output, np.float32) for output in self._net.forward(self._outputs)]

    @cached_property
    def _net(self) -> cv2.dnn.Net:
        try:
            return cv2.dnn.readNetFromONNX(str(self._model), cv2.dnn.ENGINE_NEW)
        except cv2.error as error:
            raise SetupError(f"{self._model} is missing or damaged: install adreel again") from error
