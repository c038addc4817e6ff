"""Language models whose answers are bought through the ledger: paid for once, within the budget."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from adreel.billing.image_jobs import TextJob
from adreel.billing.purchase_json import EndedJob
from adreel.billing.purchases import Purchases
from adreel.catalogue.models import TextModel
from adreel.domain.errors import ExpiredError, GenerationError
from adreel.domain.language_model import LanguageModel, TextOrder, TextRequest
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.providers.planning.fallback import FallbackModels

_log = logging.getLogger(__name__)


class Unanswered:
    """The jobs whose question the provider did not answer when it was last asked. A RemoteJobObserver."""

    def __init__(self) -> None:
        self._jobs: set[str] = set()

    def observed(self, job: TextJob, remote: RemoteJob) -> None:  # noqa: ARG002 (any answer will do)
        self._jobs.discard(job.job_id)

    def unanswered(self, job: TextJob) -> None:
        self._jobs.add(job.job_id)

    def includes(self, job_id: str) -> bool:
        return job_id in self._jobs

    def forget(self, job_id: str) -> None:
        self._jobs.discard(job_id)


class BilledLanguageModels:
    """Makes a language model for each job that buys in the job's name. `models` are tried in this order.

    `known` are the names of all models that any version may have bought from, retired ones too. `unanswered` observes the
    purchases.
    """

    def __init__(
        self,
        purchases: Purchases[TextJob, TextOrder],
        models: Sequence[TextModel],
        known: Collection[str] = (),
        unanswered: Unanswered | None = None,
    ) -> None:
        self.unanswered = unanswered or Unanswered()
        self._purchases = purchases
        self._models = tuple(models)
        self._known = tuple(sorted(known))

    @property
    def name(self) -> str:
        """The name of the first model."""
        return self._models[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """`name`, and the names under which other versions may have planned."""
        return (self.name, *(name for name in self._known if name != self.name))

    def for_job(self, job_id: str, session_id: str, user_id: str) -> LanguageModel:
        """The model for one job. A request of an earlier, killed run is not paid for again while the provider has its answer."""

        async def ask(model: TextModel, request: TextRequest) -> str:
            try:
                return await self._answer(TextJob(job_id, session_id, user_id, model.name, request))
            finally:
                self.unanswered.forget(job_id)

        return FallbackModels(self._models, ask)

    async def _answer(self, job: TextJob) -> str:
        earlier = await self._earlier(job)
        if earlier is None:
            return await self._buy(job)
        try:
            return await self._buy(earlier)
        except GenerationError as error:
            _log.info("the answer of %s cannot be used, %s is asked: %s", earlier.model, job.model, error)
            return await self._buy(job)

    async def _earlier(self, job: TextJob) -> TextJob | None:
        """The same request to a model that is not used any more, bought by another version; None if there is none."""
        current = {model.name for model in self._models}
        for name in self._known:
            earlier = replace(job, model=name)
            if name not in current and await self._purchases.is_held(earlier):
                return earlier
        return None

    async def _buy(self, job: TextJob) -> str:
        key = await self._purchases.order(job)
        facts = await self._purchases.wait(job, key)
        ended = EndedJob.read(facts)
        remote = ended.job
        text = "".join(remote.outputs)
        if remote.status is not JobStatus.SUCCEEDED or not text.strip():
            error = _failure(job.model, remote)
            await self._purchases.lose(key, facts, str(error))
            raise error
        await self._purchases.pay(key, ended.waited)
        return text


def _failure(model: str, remote: RemoteJob) -> GenerationError:
    if remote.expired:
        return ExpiredError.of(model, "answer", remote.id)
    return GenerationError(f"{model} gave no answer ({remote.status}): {remote.error or 'it is empty'}")
