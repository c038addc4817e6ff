"""Writes scripts with a language model, and by rules when it fails or claims what has no source."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from adreel.catalogue.recipes import recipe
from adreel.domain.ad import Ad, TextRole
from adreel.domain.errors import BudgetError, GenerationError, InputError
from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.language_model import LanguageModel, TextRequest
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import ad_lengths
from adreel.domain.scripts.reading_time import WORDS_PER_SECOND
from adreel.providers.planning.json_text import MOST_CHARACTERS, RULE, as_data
from adreel.providers.planning.script_answer import MOST_BEATS, ReadScript, read_script
from adreel.providers.planning.script_rules import usual_seconds, write_by_rules
from adreel.providers.planning.script_words import amount_text, language_of

_log = logging.getLogger(__name__)

RULES = "rules"
_ROLES = (TextRole.HEADLINE, TextRole.BULLET, TextRole.PRICE, TextRole.BADGE, TextRole.LOWER_THIRD)
_BEAT_SECONDS = 3.0

Check = Callable[[Ad], object]
"""Raises InputError for a script that cannot be filmed."""

SYSTEM = f"""You write the script of a short product video ad: what is on the screen, beat by beat, over the customer's photos.

{RULE}

In the user message, "facts" are all that is known to be true of the product, "offer" is its price, "beats" are those of the \
recipe with the texts that each usually has, "seconds" is the length of the whole film, "photos" the number of photos, \
"mood" the customer's wish.

Say only what the facts and the offer say. Every number, percentage, superlative, comparison, award, rating, test, \
certificate, effect on health, guarantee, discount, limit of time or stock, material and origin must stand in one fact or in \
the offer, and be said of the same thing with the same words. Never invent one, and invent no quotation: a text in quotation \
marks must be a whole fact in quotation marks. A script with one claim that has no source is not used.

Write as people speak, in the language of the facts. Everything must be read in time, at {WORDS_PER_SECOND:g} words a \
second: a headline has at most 8 words, a bullet at most 6, a beat at most three texts. Lead with what matters most to a \
buyer; do not say a thing twice. The call to action stands on the end card, which is not yours to write.

Answer with one JSON object and nothing else: one key "beats", a list of at most {MOST_BEATS} beats in their order, each with
- name: what the beat is for, in one word
- photo: the number of its photo, from 1
- framing: one of {", ".join(ViewType)}
- camera: one of {", ".join(CameraMovement)}
- intensity: a number from 0 (barely moving) to 1
- words: a list of texts on the screen, each with role ({", ".join(_ROLES)}), text, and for a price "struck", the former price
- spoken: one sentence to be spoken over the beat, or an empty text"""


@dataclass(frozen=True, slots=True)
class WrittenScript:
    """`writer` is what wrote the script, a language model's name or "rules"; `warning` says why that is not the model."""

    ad: Ad
    writer: str
    warning: str | None = None


class LlmScriptWriter:
    """Asks a language model, once more when its answer is of no use, then writes by rules. `check` holds its script to what can
    be filmed."""

    def __init__(self, model: LanguageModel, check: Check) -> None:
        self._model = model
        self._check = check

    async def write(self, request: AdRequest) -> WrittenScript:
        """Writes a script. Failures of the model are logged and returned as the warning.

        Raises InputError for a request that rules cannot write a script from either, before the model is asked.
        """
        ruled = write_by_rules(request)
        found, failure = await self._asked(request, ruled)
        if found is not None:
            return WrittenScript(found, self._model.name)
        warning = f"the script is written by rules instead of {self._model.name}: {failure}"
        _log.warning("%s", warning)
        return WrittenScript(ruled, RULES, warning)

    async def _asked(self, request: AdRequest, ruled: Ad) -> tuple[Ad | None, str]:
        """The script of at most two answers, or why there is none."""
        facts = _facts(request, ruled)
        failure = ""
        for _ in range(2):
            try:
                text = await self._model.write(TextRequest(SYSTEM, as_data(facts)))
            except (GenerationError, BudgetError) as error:
                return None, f"{failure}; asked again: {error}" if failure else str(error)
            read = self._filmable(read_script(text, ruled), request)
            if read.ad is not None:
                return read.ad, ""
            failure = "; ".join(read.faults)
            facts |= {"your_last_answer": text, "what_is_wrong_with_it": failure}
        return None, failure

    def _filmable(self, read: ReadScript, request: AdRequest) -> ReadScript:
        """Gives the script its length, and holds it to what can be read and shown."""
        if read.ad is None:
            return read
        if not any(beat.words for beat in read.ad.beats):
            return ReadScript(None, ("no beat has words",))
        try:
            most = recipe(read.ad.recipe).seconds
            ad = replace(read.ad, seconds=request.seconds or min(most, usual_seconds(read.ad, most)))
            ad_lengths(ad, _BEAT_SECONDS)
            self._check(ad)
        except InputError as error:
            return ReadScript(None, (str(error),))
        return ReadScript(ad)


def _facts(request: AdRequest, ruled: Ad) -> dict[str, object]:
    """The user part of the request, as data."""
    chosen = recipe(ruled.recipe)
    language = language_of((*request.facts, request.prompt))
    offer = request.offer
    price: dict[str, object] | None = None
    if offer is not None:
        price = {
            "price": amount_text(offer.price, offer.currency, language),
            "former_price": None if offer.was is None else amount_text(offer.was, offer.currency, language),
            "badge": offer.badge,
            "last_day": None if offer.until is None else offer.until.isoformat(),
        }
    return {
        "product": request.product,
        "brand": request.brand,
        "facts": _within(request.facts, MOST_CHARACTERS),
        "offer": price,
        "mood": request.prompt,
        "recipe": chosen.summary,
        "beats": [{"name": beat.name, "texts": [each.role for each in beat.words]} for beat in chosen.beats],
        "seconds": request.seconds or chosen.seconds,
        "photos": len(request.photos),
    }


def _within(facts: Sequence[str], most: int) -> list[str]:
    """The first facts, of so many characters in all: a fact that the model does not know is one that it does not use."""
    lengths = accumulate(len(fact) for fact in facts)
    return [fact for fact, length in zip(facts, lengths, strict=True) if length <= most]
