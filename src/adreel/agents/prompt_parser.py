"""PromptParserAgent: turns a product description into image prompts."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from adreel.agents.agent import AgentInput, AgentOutput
from adreel.domain.errors import AdreelError, BudgetError, CancelledError, GenerationError, InputError
from adreel.domain.films.images import ImagePlan
from adreel.domain.language_model import LanguageModel, TextRequest
from adreel.providers.planning import image_rules as product_rules
from adreel.providers.planning.json_text import as_data
from adreel.providers.planning.prompt_answer import SYSTEM, ReadPrompts, read_prompts

MOST_IMAGES = 8

_FREE = Decimal("0.00")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProductPrompt:
    """A user's product description, and the number of images, 1 to 8. Without a seed it is derived from the prompt."""

    prompt: str
    count: int = 4
    seed: int | None = None


class PromptParserAgent:
    """Plans images with a language model, retried once after an invalid answer; by rules without a model or when it fails.

    The rules also fill in prompts that the answer lacks, so that the number of prompts is always as requested.
    """

    def __init__(self, model: LanguageModel | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock

    @property
    def name(self) -> str:
        """The name of the planner: the language model, or the rules."""
        return self._model.name if self._model else product_rules.NAME

    async def process(self, order: AgentInput[ProductPrompt], /) -> AgentOutput[ImagePlan]:
        """Plans the images. The only AdreelError it raises is CancelledError: other failures are in the result.

        `cost` is the most that the language model may have cost.
        """
        started = self._clock()
        requests: list[TextRequest] = []
        try:
            plan = await self.parse(order.data, requests)
        except CancelledError:
            raise
        except AdreelError as error:
            return AgentOutput(False, None, self._cost(requests), self._clock() - started, (error,))
        problems = (GenerationError(plan.warning),) if plan.warning else ()
        return AgentOutput(True, plan, self._cost(requests), self._clock() - started, problems)

    async def parse(self, product: ProductPrompt, requests: list[TextRequest] | None = None) -> ImagePlan:
        """Plans the images; appends the requests sent to the language model to `requests`.

        Raises InputError for an empty prompt or an impossible number of images.
        """
        ruled = plan_by_rules(product)
        if self._model is None:
            return ruled
        answer, failure = await self._ask(self._model, product, [] if requests is None else requests)
        return self._merged(ruled, answer, failure)

    async def _ask(
        self, model: LanguageModel, product: ProductPrompt, requests: list[TextRequest]
    ) -> tuple[ReadPrompts | None, str]:
        """Returns the better of at most two answers, and its faults."""
        facts: dict[str, object] = {"product_description": product.prompt, "count": product.count}
        best: ReadPrompts | None = None
        for _ in range(2):
            request = TextRequest(SYSTEM, as_data(facts))
            requests.append(request)
            try:
                text = await model.write(request)
            except (GenerationError, BudgetError) as error:
                return best, str(error)
            read = read_prompts(text, product.count)
            if best is None or len(read.prompts) > len(best.prompts) or not read.faults:
                best = read
            if not read.faults:
                break
            facts |= {"your_last_answer": text, "what_is_wrong_with_it": "; ".join(read.faults)}
        return best, "; ".join(best.faults) if best else ""

    def _merged(self, ruled: ImagePlan, answer: ReadPrompts | None, failure: str) -> ImagePlan:
        """Returns the answer's plan, with missing prompts filled in from the rules."""
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

    def _cost(self, requests: list[TextRequest]) -> Decimal:
        if self._model is None:
            return _FREE
        return sum((self._model.estimate(request) for request in requests), _FREE)


def plan_by_rules(product: ProductPrompt) -> ImagePlan:
    """Plans the images without a language model. Raises InputError for an empty prompt or an impossible number of images."""
    if not product.prompt.strip():
        raise InputError("the product prompt is empty; say in a few words what the product is and how it looks")
    if not 1 <= product.count <= MOST_IMAGES:
        raise InputError(f"{product.count} images are not possible at once; choose between 1 and {MOST_IMAGES}")
    return ImagePlan(
        category=product_rules.category_of(product.prompt).name,
        style_keywords=product_rules.style_keywords(product.prompt),
        prompts=product_rules.image_prompts(product.prompt, product.count),
        seed=seed_of(product.prompt) if product.seed is None else product.seed,
        planner=product_rules.NAME,
    )


def seed_of(prompt: str) -> int:
    """Derives the seed shared by all images of a prompt, 0 to 2**31 - 1."""
    return int.from_bytes(hashlib.sha256(prompt.encode("utf-8", "replace")).digest()[:4]) % 2**31
