"""The passport of a film: what it is, how it was made, what to state about it, and what it cost, as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adreel.domain.costs.ledger import PaidCall
from adreel.domain.costs.receipt import receipt
from adreel.domain.films.film import AudioConfig, CheckResult, FilmSpec
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.shown_words import Words, to_plain
from adreel.media.cards.typefaces import FONT_FOLDER
from adreel.media.segments.store import file_digest
from adreel.placements.checking import Mended, judgement_json
from adreel.provenance.attestations import adcp_provenance, attestations, ingredients_json
from adreel.provenance.history import FilmHistory, voices_of
from adreel.provenance.reading import in_words, read_credentials
from adreel.version import __version__

Json = dict[str, Any]

VERSION = 1
"""Of the document's form."""

_OPEN_FONT = "SIL Open Font License 1.1"
_SWITCHED_OFF = "The film has no content credentials: they are switched off by a setting of the program that made it."
_NOT_KNOWN = "not known: the file is yours or this machine's"


@dataclass(frozen=True, slots=True)
class PassportFacts:
    """What is known of a film when it is finished and signed, before it is stored."""

    spec: FilmSpec
    history: FilmHistory
    words: Words | None
    checks: Sequence[CheckResult]
    fitted: Mended | None
    frames: int
    rate: float
    made_at: datetime


def passport_of(film: Path, facts: PassportFacts) -> Json:
    """The passport of a finished film, but for its name and its receipt. Reads the file. Raises ClipError, OSError."""
    return {
        "passport": VERSION,
        "film": _film(film, facts),
        "credentials": _credentials(film),
        "provenance": adcp_provenance(facts.history, facts.made_at),
        "attestations": attestations(facts.history),
        "verdict": _verdict(facts.fitted),
        "checks": [asdict(check) for check in facts.checks],
        "sources": _sources(facts),
        "words": None if facts.words is None else _words(facts.words),
    }


def completed(passport: Json, name: str, calls: Sequence[PaidCall] = (), **more: object) -> Json:
    """The passport with the film's name and the receipt. `more` are facts about the film, such as its session."""
    return {**passport, "film": {"file": name, **passport["film"], **more}, "receipt": receipt(calls)}


def _film(film: Path, facts: PassportFacts) -> Json:
    return {
        "sha256": file_digest(film),
        "bytes": film.stat().st_size,
        "width": facts.spec.size.width,
        "height": facts.spec.size.height,
        "frames": facts.frames,
        "fps": round(facts.rate, 3),
        "seconds": round(facts.frames / facts.rate, 3),
        "placement": None if facts.fitted is None else facts.fitted.judgement.placement.name,
        "made_at": facts.made_at.isoformat(timespec="seconds"),
        "made_with": f"adreel {__version__}",
    }


def _credentials(film: Path) -> Json:
    """The credentials as a stranger reads them: the root of a self-made certificate is not trusted. A film that has just been
    finished has none only where they are switched off."""
    found = read_credentials(film)
    return {**asdict(found), "statement": [_SWITCHED_OFF] if found.state is None else list(in_words(found))}


def _verdict(fitted: Mended | None) -> Json | None:
    """How the film keeps the rules of its placement; None for a film that was made for none."""
    if fitted is None:
        return None
    return {**judgement_json(fitted.judgement), "done": list(fitted.done), "left": list(fitted.left)}


def _sources(facts: PassportFacts) -> Json:
    audio = facts.spec.audio
    return {
        "parts": ingredients_json(facts.history),
        "fonts": None if facts.words is None else _fonts(facts.words),
        "music": _music(facts),
        "voice": voice_of(audio),
        "programs": [
            {"name": "U²-Net, small", "use": "selects the pixels of a product, generates none", "licence": "Apache-2.0"}
        ]
        if facts.history.drawn or facts.spec.end_card or facts.spec.shows_product_first
        else [],
    }


def voice_of(audio: AudioConfig) -> Json | None:
    """Who spoke: all by name, with version, hash and licence of the model if one took part; None for a film without speech."""
    voices = voices_of(audio)
    if not voices:
        return None
    name = " and ".join("a person, recorded" if each is None else each.name for each in voices)
    model = next((each for each in voices if each is not None), None)
    if model is None:
        return {"name": name, "licence": _NOT_KNOWN}
    provider = {} if model.provider is None else {"provider": model.provider}
    return {"name": name, "version": model.version, "sha256": model.sha256, "licence": model.licence, **provider}


def _fonts(words: Words) -> list[Json]:
    names = dict.fromkeys(name for each in words for name in each.fonts)
    return [{"name": name, "licence": _OPEN_FONT if _is_shipped(name) else _NOT_KNOWN} for name in names]


def _is_shipped(name: str) -> bool:
    file = name.rpartition("(")[2].removesuffix(")")
    return name.endswith(")") and (FONT_FOLDER / Path(file).name).is_file()


def _music(facts: PassportFacts) -> Json | None:
    audio = facts.spec.audio
    if audio.file is not None:
        return {"kind": "your own file", "licence": _NOT_KNOWN}
    if audio.genre is None:
        return None
    return {
        "kind": f"composed by program for this film, genre {audio.genre}",
        "licence": "no third party holds rights to it",
        "instruments": "sonivox.sf2, Sonic Network, Apache-2.0",
    }


def _words(words: Words) -> list[Json]:
    return [
        {**plain, "from": round(to_seconds(each.first), 3), "to": round(to_seconds(each.last), 3)}
        for each, plain in zip(words, to_plain(words), strict=True)
    ]
