"""The flow that writes a session's script with a language model: bought once, held to the truth sheet, by rules when it fails."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from adreel.agents.script import check_script
from adreel.billing.clip_jobs import digest_of
from adreel.billing.language_models import BilledLanguageModels
from adreel.domain.ad import Ad, EndCard
from adreel.domain.films.formats import ASPECTS
from adreel.domain.scripts.ad_format.reading import read_ad, read_offer
from adreel.domain.scripts.ad_format.writing import plain, to_document
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.sessions.session import Json
from adreel.domain.sessions.stage import Stage
from adreel.domain.work.percentages import writing_phase
from adreel.orchestrator.engine.steps import Steps
from adreel.orchestrator.flows.job_steps import TRIES, run_job
from adreel.orchestrator.flows.phase_progress import PhaseProgress
from adreel.orchestrator.flows.plan_cache import cached_plan
from adreel.orchestrator.flows.progress import Endings
from adreel.orchestrator.session_scripts import BEAT_SECONDS, with_length
from adreel.providers.planning.script_director import RULES, LlmScriptWriter, WrittenScript
from adreel.providers.planning.script_rules import write_by_rules
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import StorageService

_SIZE = next(iter(ASPECTS.values()))
_NO_MODEL = "the script is written by rules: no language model is set up"


@dataclass(frozen=True, slots=True)
class ScriptJob:
    """A script to be written for a session at a stage; the photos of the request are ids of its images."""

    job_id: str
    session_id: str
    user_id: str
    stage: Stage
    request: AdRequest

    def to_json(self) -> Json:
        request = asdict(replace(self.request, offer=None, end=EndCard()))
        offer = None if self.request.offer is None else plain(self.request.offer)
        texts = {**request, "photos": list(self.request.photos), "facts": list(self.request.facts)}
        return {
            "job_id": self.job_id,
            "session_id": self.session_id,
            "user_id": self.user_id,
            "stage": self.stage.value,
            "request": {**texts, "offer": offer, "end": asdict(self.request.end)},
        }

    @classmethod
    def read(cls, order: Json) -> ScriptJob:
        request: dict[str, Any] = order["request"]
        typed: dict[str, Any] = {
            "photos": tuple(request["photos"]),
            "facts": tuple(request["facts"]),
            "offer": None if request["offer"] is None else read_offer("the offer", request["offer"]),
            "end": EndCard(**request["end"]),
        }
        return cls(
            order["job_id"],
            order["session_id"],
            order["user_id"],
            Stage(order["stage"]),
            AdRequest(**{**request, **typed}),
        )


class _NotKeptError(Exception):
    """A script by rules in the place of a model's: it is not cached, so that a later job asks the model."""

    def __init__(self, written: WrittenScript) -> None:
        super().__init__()
        self.written = written


@dataclass(frozen=True, slots=True)
class ScriptFlow:
    """Does WRITE_SCRIPT. Without `language_models` rules write, and the job's last event says so."""

    language_models: BilledLanguageModels | None
    storage: StorageService
    work: Path
    endings: Endings
    sessions: SessionService
    phases: PhaseProgress

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a ScriptJob. Returns the script's document, what wrote it, and the warning."""
        job = ScriptJob.read(order)
        return await run_job(steps, self.endings, job, lambda: self._run(steps, job))

    async def _run(self, steps: Steps, job: ScriptJob) -> Json:
        # The ledger's sweep settles a purchase of text that a cancellation interrupts here.
        written = await steps.run("write", self._write, job, retries=TRIES, preemptible=True)
        await steps.run("finish", self._finish, job, written, retries=TRIES)
        return written

    async def _write(self, job: ScriptJob) -> Json:
        """The script, written once for the same request, so that a retry buys nothing."""
        names = () if self.language_models is None else self.language_models.names
        digests = [digest_of("script", name, job.to_json()["request"]) for name in names]
        if not digests:
            ruled = await asyncio.to_thread(write_by_rules, job.request)
            return _result(WrittenScript(ruled, RULES, _NO_MODEL))
        try:
            return await cached_plan(
                self.storage, self.work, job.session_id, digests, lambda: self._by_model(job), alike=()
            )
        except _NotKeptError as by_rules:
            return _result(by_rules.written)

    async def _by_model(self, job: ScriptJob) -> Json:
        """Raises _NotKeptError with a script that the model did not write."""
        models = self.language_models
        assert models is not None  # noqa: S101 (the caller has looked)
        model = models.for_job(job.job_id, job.session_id, job.user_id)
        late = partial(models.unanswered.includes, job.job_id)
        phase = writing_phase(job.stage)
        async with self.phases.during(phase, job.session_id, job.job_id, "Writing the script", late):
            written = await LlmScriptWriter(model, _check).write(job.request)
        if written.warning is not None:
            raise _NotKeptError(written)
        return _result(written)

    async def _finish(self, job: ScriptJob, written: Json) -> None:
        """Stores the script and ends the job; a repetition stores the same again."""
        ad = with_length(read_ad(written["script"]))
        if (await self.sessions.record(job.session_id)).job is not None:
            await self.sessions.set_script(job.user_id, job.session_id, ad)
        await self.endings.script_ready(job.session_id, job.job_id, job.stage, written["writer"], written["warning"])


def _result(written: WrittenScript) -> Json:
    return {"script": to_document(written.ad), "writer": written.writer, "warning": written.warning}


def _check(ad: Ad) -> object:
    return check_script(ad, BEAT_SECONDS, _SIZE)
