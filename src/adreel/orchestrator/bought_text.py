"""Language models whose answers are bought through the ledger: paid for once, inside the budget."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.catalogue.models import TextModel
from adreel.domain.errors import ExpiredError, GenerationError, InternalError
from adreel.domain.ledger import CallState
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.domain.text import LanguageModel, TextOrder, TextRequest
from adreel.orchestrator.image_orders import TextJob
from adreel.orchestrator.purchase import Purchases
from adreel.orchestrator.purchase_facts import read_ended
from adreel.orchestrator.shops import TEXTS_AGENT
from adreel.providers.llm.fallback import FallbackModels
from adreel.services.ledger_service import LedgerService
from adreel.services.records import CostEntry, Settlement
from adreel.services.session_service import SessionService


class Writers:
    """Gives each job a language model that buys for it. `models` are asked in this order."""

    def __init__(
        self,
        purchases: Purchases[TextJob, TextOrder],
        sessions: SessionService,
        ledger: LedgerService,
        models: Sequence[TextModel],
    ) -> None:
        self._purchases = purchases
        self._sessions = sessions
        self._ledger = ledger
        self._models = tuple(models)

    @property
    def name(self) -> str:
        """The model that is asked first."""
        return self._models[0].name

    def writer(self, job_id: str, session_id: str, user_id: str) -> LanguageModel:
        """For one job. A question that was asked before, by a run that died, is not paid for again while its answer is kept."""

        async def ask(model: TextModel, request: TextRequest) -> str:
            return await self._bought(TextJob(job_id, session_id, user_id, model.name, request))

        return FallbackModels(self._models, ask)

    async def _bought(self, wanted: TextJob) -> str:
        key = await self._purchases.reserve(wanted)
        await self._purchases.place(wanted, key)
        facts = await self._purchases.wait(wanted, key)
        remote = read_ended(facts)
        text = "".join(remote.outputs)
        if remote.status is not JobStatus.SUCCEEDED or not text.strip():
            error = _failure(wanted.model, remote)
            await self._purchases.lose(key, facts, str(error))
            raise error
        await self._settle(wanted, key, float(facts["waited"]))
        return text

    async def _settle(self, wanted: TextJob, key: str, waited: float) -> None:
        call = await self._ledger.get(key)
        if call is None:
            raise InternalError(f"the purchase {key} was never written down")
        amount = call.estimate
        cost = CostEntry(key, TEXTS_AGENT, wanted.model, amount, waited)
        await self._sessions.add_cost(wanted.session_id, cost, Settlement(key, CallState.PAID, amount))


def _failure(model: str, remote: RemoteJob) -> GenerationError:
    if remote.expired:
        return ExpiredError(f"{model}: the provider has already removed the answer of job {remote.id}")
    return GenerationError(f"{model} gave no answer ({remote.status}): {remote.error or 'it is empty'}")
