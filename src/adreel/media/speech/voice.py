"""The offline voice: a line of English to sound at 48 kHz, with the time of each written word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from adreel.domain.errors import TextError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import TimedText, VoiceRecord
from adreel.media.speech.language import check_language
from adreel.media.speech.lexicon import VOICE_FOLDER, read_json
from adreel.media.speech.line_voice import Speech, check_speed
from adreel.media.speech.network import SpeechNetwork
from adreel.media.speech.normalizer import Pronunciations, read_aloud, sentences
from adreel.media.speech.phonemes import Sounded, phonemes_of
from adreel.media.speech.waveform import FRAME, Predicted, synthesize

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.media.speech.line_voice import Floats
    from adreel.media.speech.network import Inputs

SPEECH_VERSION = "2"
"""Part of the key of spoken lines. Increased when words are read or spoken differently."""

VOICE = VoiceRecord(
    name="heart (hibari-tts)",
    version="0.2.1",
    sha256="c5498edfd48b6e6b2af181c6fd39689339c103f97ce41dd2ab3f0826e2c4d5cc",
    is_synthetic=True,
)
"""The model and the hash of its file, as scripts/assets.toml pins it."""

_OUTPUTS = ("lh", "theta", "ln", "lr", "phi", "f0", "/Clip_output_0")
_DURATION_FRAMES = 2
"""Frames of one unit of the lengths that the model gives."""
_MOST_PHONEMES = 400
"""The longest piece that the model speaks at once."""
_BETWEEN = 0.12
"""Seconds between sentences."""
_BEFORE, _AFTER = 0.04, 0.14
"""Seconds kept before the first word and after the last one."""
_FADE = 0.01
_LONGEST = 1000
"""Characters of a line, about a minute of speech."""
_RESPELLING = re.compile(r"[A-Za-z][A-Za-z' -]*")
_WRITTEN_OTHERWISE = "ɾʔ"
"""Sounds of the lexicon that the voice writes otherwise."""


@cache
def offline_voice() -> Voice:
    """The voice, loaded once."""
    return Voice()


class Voice:
    """Speaks English. Thread-safe. The same line gives the same bits wherever OpenCV is set to as many threads; adreel's own
    processes set one (decision 0065). A LineVoice, which films speak again."""

    record = VOICE
    language = "en"
    times_words = True

    def check(self, text: str) -> None:
        """Raises TextError for a line that the voice cannot speak."""
        check_line(text)

    def __init__(self) -> None:
        self._network = SpeechNetwork(VOICE_FOLDER / "heart.onnx", _OUTPUTS, _inputs([0, 0], 1.0))

    def say(self, text: str, pronunciations: Pronunciations | None = None, speed: float = 1.0, seed: int = 0) -> Speech:
        """Speaks a line. `speed` is 1 to 1.15 times the voice's own pace.

        Raises TextError for a text in another language or without words, SetupError for a damaged installation.
        """
        check_line(text, pronunciations)
        check_speed(speed)
        spoken = [
            self._sentence(part, speed, seed)
            for sentence in sentences(read_aloud(text, pronunciations))
            for part in _short_enough(phonemes_of(sentence))
        ]
        return _trimmed(_joined(spoken))

    def _sentence(self, sounded: Sequence[Sounded], speed: float, seed: int) -> Speech:
        ids, owners = self._ids(sounded)
        *spectra, lengths = self._network(_inputs(ids, speed))
        samples = synthesize(Predicted(*(each[0] for each in spectra)), seed)
        return Speech(samples, tuple(_word_times(sounded, owners, lengths.astype(np.int64))))

    def _ids(self, sounded: Sequence[Sounded]) -> tuple[list[int], list[int]]:
        """Numbers of the phonemes, and for each the written word that it belongs to, -1 for pauses."""
        alphabet = _alphabet()
        ids, owners = [0], [-1]
        for place, each in enumerate(sounded):
            if place and each.phonemes and len(ids) > 1:
                ids.append(alphabet[" "])
                owners.append(-1)
            known = [alphabet[char] for char in each.phonemes if char in alphabet]
            ids += known
            owners += [place] * len(known)
            if each.word.pause in alphabet and len(ids) > 1:
                ids.append(alphabet[each.word.pause])
                owners.append(-1)
        return [*ids, 0], [*owners, -1]


def _inputs(ids: Sequence[int], speed: float) -> Inputs:
    return {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}


def check_line(text: str, pronunciations: Pronunciations | None = None) -> None:
    """Raises TextError for a line that the voice cannot speak: of another language, without words, or too long; and for a
    pronunciation that is neither English letters nor sounds of the voice."""
    if len(text) > _LONGEST:
        raise TextError(f"a line has at most {_LONGEST} characters, not {len(text)}; part it into several")
    for word, said in (pronunciations or {}).items():
        check_pronunciation(word, said)
    words = read_aloud(text, pronunciations)
    if not any(word.said for word in words):
        raise TextError(f"there is nothing to say in {text!r}; write words")
    check_language(text, words, pronunciations or {})


def check_pronunciation(word: str, said: str) -> None:
    """Raises TextError for a pronunciation that is neither English letters nor sounds of the voice."""
    if len(said) > 2 and said[0] == said[-1] == "/":
        unknown = "".join(
            dict.fromkeys(char for char in said[1:-1] if char not in _alphabet() and char not in _WRITTEN_OTHERWISE)
        )
        if unknown:
            raise TextError(f"the voice does not know the sounds {unknown!r} in the pronunciation {said!r} of {word!r}")
    elif not _RESPELLING.fullmatch(said):
        raise TextError(
            f"{said!r} is no pronunciation of {word!r}: write it in English letters, such as hail, or as sounds between "
            "slashes, such as /hˈAl/"
        )


@cache
def _alphabet() -> dict[str, int]:
    """The number of each sound and sign that the voice knows."""
    return cast("dict[str, int]", read_json("phonemes.json"))


def _word_times(sounded: Sequence[Sounded], owners: Sequence[int], units: npt.NDArray[np.int64]) -> list[TimedText]:
    """The seconds of each written word; `units` are the lengths of the phonemes, whose owners are given."""
    unit = _DURATION_FRAMES * FRAME / SAMPLE_RATE
    ends = np.cumsum(units)
    starts = ends - units
    owned = np.array(owners)
    times: list[TimedText] = []
    for place, each in enumerate(sounded):
        own = np.flatnonzero(owned == place)
        if len(own):
            times.append(TimedText(each.word.shown, float(starts[own[0]] * unit), float(ends[own[-1]] * unit)))
        elif times:
            # A sign that is not said, such as a dash, is shown with the word before it.
            times[-1] = TimedText(f"{times[-1].text} {each.word.shown}", times[-1].start, times[-1].end)
    return times


def _short_enough(sounded: Sequence[Sounded]) -> list[Sequence[Sounded]]:
    """The sentence in pieces that the model can speak, parted after a pause where possible."""
    pieces: list[list[Sounded]] = [[]]
    length = 0
    for each in sounded:
        length += len(each.phonemes) + 2
        if length > _MOST_PHONEMES and pieces[-1]:
            kept = next((n for n in range(len(pieces[-1]), 0, -1) if pieces[-1][n - 1].word.pause), len(pieces[-1]))
            rest = pieces[-1][kept:]
            pieces[-1] = pieces[-1][:kept]
            pieces.append(rest)
            length = sum(len(other.phonemes) + 2 for other in (*rest, each))
        pieces[-1].append(each)
    return [piece for piece in pieces if any(each.phonemes for each in piece)]


def _joined(spoken: Sequence[Speech]) -> Speech:
    gap = np.zeros(round(_BETWEEN * SAMPLE_RATE), np.float32)
    parts: list[Floats] = []
    words: list[TimedText] = []
    at = 0
    for each in spoken:
        begin = at / SAMPLE_RATE
        words += [TimedText(word.text, begin + word.start, begin + word.end) for word in each.words]
        parts += [each.samples, gap]
        at += len(each.samples) + len(gap)
    return Speech(np.concatenate(parts[:-1]), tuple(words))


def _trimmed(speech: Speech) -> Speech:
    """Without the silence around it, and with faded ends."""
    first = max(0, round((speech.words[0].start - _BEFORE) * SAMPLE_RATE))
    last = min(len(speech.samples), round((speech.words[-1].end + _AFTER) * SAMPLE_RATE))
    samples = speech.samples[first:last].copy()
    fade = np.linspace(0, 1, round(_FADE * SAMPLE_RATE), dtype=np.float32)
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    moved = first / SAMPLE_RATE
    return Speech(samples, tuple(TimedText(word.text, word.start - moved, word.end - moved) for word in speech.words))
