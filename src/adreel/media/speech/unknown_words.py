"""Phonemes of words that no lexicon holds, by a small network of letters."""

from __future__ import annotations

from functools import cache, cached_property
from itertools import groupby
from typing import cast

import numpy as np

from adreel.media.speech.lexicon import VOICE_FOLDER, read_json
from adreel.media.speech.network import SpeechNetwork


@cache
def unknown_words() -> UnknownWords:
    """The network of the voice, loaded once."""
    return UnknownWords()


class UnknownWords:
    """Reads a word letter by letter; the network gives a sound, or none, for each step (CTC)."""

    def __init__(self) -> None:
        self._network = SpeechNetwork(VOICE_FOLDER / "unknown_words.onnx", ["ids"])

    def read(self, word: str) -> str:
        """The phonemes of a word, empty for one without letters. Raises SetupError."""
        letters, sounds, longest = self._alphabet
        ids = [letters[char] for char in word if char in letters][:longest]
        if not ids:
            return ""
        steps = self._network({"chars": np.array([ids], np.int64)})[0][0]
        return "".join(sounds[number] for number, _ in groupby(int(step) for step in steps) if number)

    @cached_property
    def _alphabet(self) -> tuple[dict[str, int], dict[int, str], int]:
        facts = cast("dict[str, object]", read_json("unknown_words.json"))
        letters, sounds = cast("list[str]", facts["in"]), cast("list[str]", facts["out"])
        return (
            {char: number for number, char in enumerate(letters, start=1)},
            dict(enumerate(sounds, start=1)),
            cast("int", facts["maxlen"]),
        )
