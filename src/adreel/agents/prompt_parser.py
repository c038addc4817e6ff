"""PromptParserAgent: a product in words in, prompts for its pictures out."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from adreel.agents.base import AgentInput, AgentOutput
from adreel.domain.errors import AdreelError, BudgetError, CancelledError, GenerationError, InputError
from adreel.domain.images import ImagePlan
from adreel.domain.text import LanguageModel, TextRequest
from adreel.providers import product_rules
from adreel.providers.llm.data import as_data
from adreel.providers.llm.prompt_answer import SYSTEM, ReadPrompts, read_prompts

MOST_IMAGES = 8

_FREE = Decimal("0.00")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProductPrompt:
    """A product in a person's words, and how many pictures of it are wanted, 1 to 8. Without a seed the words give one."""

    prompt: str
    count: int = 4
    seed: int | None = None


class PromptParserAgent:
    """Reads prompts with a language model, asked once more when its answer is of no use; by rules without one or when it fails.

    Pictures that the answer lacks are planned by the rules, so there are always as many as were asked for.
    """

    def __init__(self, model: LanguageModel | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock

    @property
    def name(self) -> str:
        """What reads the prompts."""
        return self._model.name if self._model else product_rules.NAME

    async def process(self, order: AgentInput[ProductPrompt], /) -> AgentOutput[ImagePlan]:
        """The pictures to be made. Never raises an AdreelError but CancelledError: failures are in the answer.

        `cost` is what the language model may have cost at most.
        """
        started = self._clock()
        asked: list[TextRequest] = []
        try:
            plan = await self.parse(order.data, asked)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, self._cost(asked), self._clock() - started, (error,))
        problems = (GenerationError(plan.warning),) if plan.warning else ()
        return AgentOutput(True, plan, self._cost(asked), self._clock() - started, problems)

    async def parse(self, given: ProductPrompt, asked: list[TextRequest] | None = None) -> ImagePlan:
        """The pictures to be made; questions that were put to the language model are added to `asked`.

        Raises InputError for a prompt without words or a number of pictures that is not possible.
        """
        ruled = plan_by_rules(given)
        if self._model is None:
            return ruled
        answer, failure = await self._asked(self._model, given, [] if asked is None else asked)
        return self._merged(ruled, answer, failure)

    async def _asked(
        self, model: LanguageModel, given: ProductPrompt, asked: list[TextRequest]
    ) -> tuple[ReadPrompts | None, str]:
        """The better one of at most two answers, and what is wrong with it."""
        facts: dict[str, object] = {"product_description": given.prompt, "count": given.count}
        best: ReadPrompts | None = None
        for _ in range(2):
            request = TextRequest(SYSTEM, as_data(facts))
            asked.append(request)
            try:
                text = await model.write(request)
            except (GenerationError, BudgetError) as error:
                return best, str(error)
            read = read_prompts(text, given.count)
            if best is None or len(read.prompts) > len(best.prompts) or not read.faults:
                best = read
            if not read.faults:
                break
            facts |= {"your_last_answer": text, "what_is_wrong_with_it": "; ".join(read.faults)}
        return best, "; ".join(best.faults) if best else ""

    def _merged(self, ruled: ImagePlan, answer: ReadPrompts | None, failure: str) -> ImagePlan:
        """The answer, and what it lacks by rules."""
        read = answer.prompts if answer else ()
        missing = len(ruled.prompts) - len(read)
        if answer is None or not read:
            warning = f"prompts written by rules instead of {self.name}: {failure}"
            _log.warning("%s", warning)
            return replace(ruled, warning=warning)
        warning = f"{missing} of {len(ruled.prompts)} prompts written by rules: {failure}" if missing else None
        if warning:
            _log.warning("%s", warning)
        prompts = tuple(
            replace(prompt, negative_prompt=prompt.negative_prompt or product_rules.NEGATIVE) for prompt in read
        )
        return ImagePlan(
            category=answer.category or ruled.category,
            style_keywords=answer.style_keywords or ruled.style_keywords,
            prompts=prompts + ruled.prompts[len(read) :],
            seed=ruled.seed,
            planner=self.name,
            warning=warning,
        )

    def _cost(self, asked: list[TextRequest]) -> Decimal:
        if self._model is None:
            return _FREE
        return sum((self._model.estimate(request) for request in asked), _FREE)


def plan_by_rules(given: ProductPrompt) -> ImagePlan:
    """Raises InputError for a prompt without words or a number of pictures that is not possible."""
    if not given.prompt.strip():
        raise InputError("the product prompt is empty; say in a few words what the product is and how it looks")
    if not 1 <= given.count <= MOST_IMAGES:
        raise InputError(f"{given.count} images are not possible at once; choose between 1 and {MOST_IMAGES}")
    return ImagePlan(
        category=product_rules.category_of(given.prompt).name,
        style_keywords=product_rules.style_keywords(given.prompt),
        prompts=product_rules.image_prompts(given.prompt, given.count),
        seed=seed_of(given.prompt) if given.seed is None else given.seed,
        planner=product_rules.NAME,
    )


def seed_of(prompt: str) -> int:
    """One seed for all pictures of a prompt, 0 to 2**31 - 1."""
    return int.from_bytes(hashlib.sha256(prompt.encode("utf-8", "replace")).digest()[:4]) % 2**31
