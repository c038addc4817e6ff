"""Hosted voices: which one is to speak, the order of a line, and the engine that takes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from adreel.domain.errors import InputError
from adreel.domain.providers import RemoteJob, Search

_NAME = re.compile(r"(?:(?P<provider>[a-z][a-z0-9_]*)/)?(?P<model>[\w.-]+)(?::(?P<voice>[\w .()-]+))?")

SOUND_SUFFIXES = frozenset({".wav", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".flac"})
"""Of names that are recordings, also where there is no such file: no model has such a name."""

LANGUAGES_IN_FILES: Mapping[str, str] = MappingProxyType(
    {
        "af": "afr",
        "ar": "ara",
        "bg": "bul",
        "ca": "cat",
        "cs": "ces",
        "da": "dan",
        "de": "deu",
        "el": "ell",
        "en": "eng",
        "es": "spa",
        "fa": "fas",
        "fi": "fin",
        "fil": "fil",
        "fr": "fra",
        "he": "heb",
        "hi": "hin",
        "hr": "hrv",
        "hu": "hun",
        "id": "ind",
        "it": "ita",
        "ja": "jpn",
        "ko": "kor",
        "ms": "msa",
        "nb": "nob",
        "nl": "nld",
        "nn": "nno",
        "no": "nor",
        "pl": "pol",
        "pt": "por",
        "ro": "ron",
        "ru": "rus",
        "sk": "slk",
        "sl": "slv",
        "sv": "swe",
        "ta": "tam",
        "th": "tha",
        "tr": "tur",
        "uk": "ukr",
        "vi": "vie",
        "yue": "yue",
        "zh": "zho",
    }
)
"""The language codes that files carry (ISO 639-2 and 639-3), by those of adreel (ISO 639-1 where there is one)."""


@dataclass(frozen=True, slots=True)
class HostedVoice:
    """A voice of a hosted speech model: `model` is its name in the catalogue, `voice` the provider's name of the voice (empty for
    the model's usual one), `language` a code such as "de" (None lets the model detect it)."""

    model: str
    voice: str = ""
    language: str | None = None

    @classmethod
    def parse(cls, text: str) -> HostedVoice:
        """Reads ``MODEL``, ``MODEL:VOICE`` or either with ``PROVIDER/`` before it. Raises InputError."""
        found = _NAME.fullmatch(text.strip())
        if found is None:
            raise InputError(f"{text!r} names no voice: write MODEL, or MODEL:VOICE")
        return cls(found["model"], (found["voice"] or "").strip())


def language_code(name: str) -> str:
    """The language of a name such as ``pt-BR``, ``DE`` or ``zh_TW``: "pt", "de", "zh"."""
    return re.split(r"[-_]", name.strip(), maxsplit=1)[0].lower()


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A line to be spoken by `voice` of a model. `marker` marks the order at the provider."""

    model: str
    text: str
    voice: str
    language: str | None = None
    marker: int = 0


class SpeechEngine(Protocol):
    """One hosted provider of speech: a Vendor of SpeechOrders with files. Methods raise GenerationError or a subclass."""

    name: str

    def price(self, order: SpeechOrder) -> Decimal:
        """Returns the price of the line in US dollars. Raises InputError for an impossible order."""
        ...

    async def check(self, name: str) -> None:
        """Raises RefusedError when the model differs from its catalogue entry, UnavailableError when it cannot be checked."""
        ...

    async def submit(self, order: SpeechOrder) -> RemoteJob:
        """Places the order once. Raises AmbiguousSubmitError when it may or may not have been accepted; `search` finds out."""
        ...

    def now(self) -> datetime | None:
        """The provider's clock, from its latest response; never ahead of it. None before the first, or without a Date header."""
        ...

    async def search(self, marker: int, since: datetime | None) -> Search:
        """Searches for the job with this marker among those accepted since a time of the provider's clock, or among all."""
        ...

    async def poll(self, job_id: str) -> RemoteJob:
        """Returns the current state of the job."""
        ...

    async def fetch(self, url: str, path: Path) -> None:
        """Downloads an output to `path`: the complete file or none."""
        ...

    async def cancel(self, job_id: str) -> RemoteJob:
        """Requests that the job stop; a job that has ended is unchanged."""
        ...
