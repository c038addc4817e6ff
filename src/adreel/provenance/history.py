"""What happened to make a film, as data, and the manifest that says it. Pure.

Sources of the terms: C2PA technical specification 2.x (actions, ingredients), IPTC digital source types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adreel.domain.films.clip import Clip
from adreel.domain.films.film import AudioConfig, FilmSpec
from adreel.domain.films.narration import VoiceRecord
from adreel.media.speech.voice import VOICE

Json = dict[str, Any]

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = "trainedAlgorithmicMedia"
WITH_TRAINED = "compositeWithTrainedAlgorithmicMedia"
COMPOSITE = "composite"
ALGORITHMIC = "algorithmicMedia"

LOCAL_MODEL = "local"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A photo or clip that is part of a film. `file` is None where its bytes are not at hand; `model` made it, None for the
    user's own. Its title never is the name of the user's file."""

    title: str
    file: Path | None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class FilmHistory:
    """`ingredients` in the order of the film; `drawn` clips were drawn from photos by adreel's own engine, `composed`: the music
    was, by program; `cards`: there are title cards."""

    ingredients: tuple[Ingredient, ...]
    drawn: int = 0
    cards: bool = False
    composed: bool = False

    @property
    def models(self) -> tuple[str, ...]:
        """The trained models that made pixels or sound, each once."""
        return tuple(dict.fromkeys(each.model for each in self.ingredients if each.model))

    @property
    def source_type(self) -> str:
        """IPTC digital source type of the film. A network that only selects pixels (the cut-out) makes none (decision 0127)."""
        return SOURCE_TYPES + (WITH_TRAINED if self.models else COMPOSITE)


def voices_of(audio: AudioConfig) -> tuple[VoiceRecord | None, ...]:
    """Who speaks in a film, each once; None for a person."""
    return tuple(dict.fromkeys(VOICE if part.sound is None else part.voice for part in audio.speech))


def history_of(clips: Sequence[Clip], photos: Sequence[Path], spec: FilmSpec) -> FilmHistory:
    """The history of a film of these clips; `photos` are the files of which adreel drew them, where they are at hand."""
    drawn = [clip for clip in clips if clip.model == LOCAL_MODEL or (clip.model is None and clip.source is None)]
    others = [clip for clip in clips if clip not in drawn]
    images = dict.fromkeys(clip.image_model for clip in clips if clip.image_model)
    return FilmHistory(
        ingredients=(
            *(Ingredient(f"photo {number}", path) for number, path in enumerate(dict.fromkeys(photos), start=1)),
            *(Ingredient("generated image", None, model) for model in images),
            *(Ingredient("spoken words", None, voice and _voice_model(voice)) for voice in voices_of(spec.audio)),
            *(Ingredient(f"clip {n}", clip.source, clip.model) for n, clip in enumerate(others, start=1)),
        ),
        drawn=len(drawn),
        cards=spec.has_intro or spec.has_outro,
        composed=spec.audio.genre is not None and spec.audio.file is None,
    )


def _voice_model(voice: VoiceRecord) -> str:
    named = f"{voice.name}, {voice.version}" if voice.provider else voice.name
    return f"{voice.provider}/{named}" if voice.provider else named


def manifest(history: FilmHistory, version: str, embedded: Sequence[bool]) -> Json:
    """The manifest of a film. `embedded` says of each ingredient whether its file goes into the manifest."""
    agent = {"name": "adreel", "version": version}
    return {
        "claim_generator_info": [agent],
        "title": "ad.mp4",
        "format": "video/mp4",
        "assertions": [
            {"label": "c2pa.actions.v2", "created": True, "data": {"actions": _actions(history, agent, embedded)}}
        ],
    }


def _actions(history: FilmHistory, agent: Json, embedded: Sequence[bool]) -> list[Json]:
    created = {
        "action": "c2pa.created",
        "digitalSourceType": history.source_type,
        "softwareAgent": agent,
        "description": "advertising film composed by program",
    }
    placed = [_placed(number, each, embedded[number]) for number, each in enumerate(history.ingredients)]
    return [created, *placed, *_edits(history)]


def _placed(number: int, ingredient: Ingredient, embedded: bool) -> Json:
    """`c2pa.placed` must name an ingredient; a source that is not at hand, or of a kind that cannot be one, is an edit."""
    action: Json = {"action": "c2pa.edited", "parameters": {"description": f"{ingredient.title} placed"}}
    if embedded:
        parameters = {"description": ingredient.title, "ingredientIds": [ingredient_id(number)]}
        action = {"action": "c2pa.placed", "parameters": parameters}
    if ingredient.model:
        provider, _, name = ingredient.model.partition("/")
        action |= {
            "digitalSourceType": SOURCE_TYPES + TRAINED,
            "softwareAgent": {"name": ingredient.model if not name else f"{name} at {provider}"},
        }
    return action


def _edits(history: FilmHistory) -> list[Json]:
    parts = [
        ("virtual camera over photos", history.drawn > 0),
        ("title cards set by program", history.cards),
        ("music composed by program", history.composed),
    ]
    made = [text for text, present in parts if present]
    if not made:
        return []
    return [
        {
            "action": "c2pa.edited",
            "digitalSourceType": SOURCE_TYPES + ALGORITHMIC,
            "parameters": {"description": "; ".join(made)},
        }
    ]


def ingredient_id(number: int) -> str:
    return f"ingredient-{number}"


def ingredient_entry(number: int, ingredient: Ingredient) -> Json:
    """The entry of an ingredient whose file is embedded by hash."""
    name = ingredient_id(number)
    return {"title": ingredient.title, "relationship": "componentOf", "label": name, "instance_id": name}
