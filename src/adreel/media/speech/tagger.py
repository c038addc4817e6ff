"""The part of speech of each word, for words that are said in several ways: to use, of use. An averaged perceptron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypedDict, cast

from adreel.media.speech.lexicon import read_json

_BEFORE, _AFTER = ("-START2-", "-START-"), ("-END-", "-END2-")
_UNKNOWN = "NN"


class _Model(TypedDict):
    tags: list[str]
    tagdict: Mapping[str, str]
    vocab: Sequence[str]
    weights: Mapping[str, Mapping[str, float]]


@cache
def tagger() -> Tagger:
    """The tagger of the voice, read once."""
    return Tagger(cast("_Model", read_json("tagger.json.gz")))


class Tagger:
    """`tagdict` answers for words with one usual tag; the others are decided by `weights` of features of them and their
    neighbours, in the names that the model was trained with."""

    def __init__(self, model: _Model) -> None:
        self._model = model
        self._known = frozenset(model["vocab"])

    def tags(self, words: Sequence[str]) -> list[str]:
        """One tag of the Penn Treebank for each word or sign."""
        around = [*_BEFORE, *(self._form(word) for word in words), *_AFTER]
        tags: list[str] = []
        for place, word in enumerate(words):
            usual = self._model["tagdict"].get(word)
            previous, before = (*_BEFORE, *tags)[-1], (*_BEFORE, *tags)[-2]
            tags.append(usual or self._best(_features(place, word, around, previous, before)))
        return tags

    def _best(self, features: Sequence[str]) -> str:
        scores: dict[str, float] = {}
        for feature in features:
            for tag, weight in self._model["weights"].get(feature, {}).items():
                scores[tag] = scores.get(tag, 0.0) + weight
        return max(self._model["tags"], key=lambda tag: (scores.get(tag, 0.0), tag)) if scores else _UNKNOWN

    def _form(self, word: str) -> str:
        """A frequent word in small letters; the shape of any other."""
        form = _normal(word)
        return form if form in self._known else f"<{_shape(word)}>"


def part_of_speech(tag: str) -> str:
    """The part of speech by which the lexicon distinguishes."""
    parts = {"VB": "VERB", "NN": "NOUN", "RB": "ADV", "JJ": "ADJ"}
    return parts.get(tag[:2], tag)


def _normal(word: str) -> str:
    if "-" in word and word[0] != "-":
        return "!HYPHEN"
    if word.isdigit() and len(word) == 4:
        return "!YEAR"
    return "!DIGITS" if word[:1].isdigit() else word.lower()


def _shape(word: str) -> str:
    if word.isalpha():
        if word.islower():
            return "x"
        if word.isupper():
            return "XX" if len(word) > 1 else "X1"
        return "Xx" if word[1:].islower() else "xX"
    if word.isdigit():
        return "d"
    return "".join("d" if char.isdigit() else "x" if char.isalpha() else char for char in word[:4])


def _features(place: int, word: str, around: Sequence[str], previous: str, before: str) -> list[str]:
    here = place + len(_BEFORE)
    return [
        "b",
        f"s3={word[-3:]}",
        f"p1={word[:1]}",
        f"w={around[here]}",
        f"sh={_shape(word)}",
        "i+" if place else "i0",
        f"t-1={previous}",
        f"t-2={before}",
        f"t-12={previous},{before}",
        f"w-1={around[here - 1]}",
        f"s3-1={around[here - 1][-3:]}",
        f"w-2={around[here - 2]}",
        f"w+1={around[here + 1]}",
        f"s3+1={around[here + 1][-3:]}",
        f"w+2={around[here + 2]}",
    ]
