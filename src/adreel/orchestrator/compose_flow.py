"""The flow of a finished film: one step for each aspect, then the session is complete."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.domain.session import Json
from adreel.orchestrator.clip_flow import TRIES
from adreel.orchestrator.endings import Endings
from adreel.orchestrator.film_maker import FilmAssetMaker
from adreel.orchestrator.orders import FilmJob
from adreel.orchestrator.reports import Reporter
from adreel.orchestrator.steps import Steps


@dataclass(frozen=True, slots=True)
class ComposeFlow:
    """Work of COMPOSE. Films that were finished before a failure are kept, and not made again."""

    maker: FilmAssetMaker
    reporter: Reporter
    endings: Endings

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a FilmJob. Answers with the ids of the films, in the order of the aspects."""
        job = FilmJob.read(order)
        try:
            return await self._run(steps, job)
        except LostLeaseError:
            raise
        except CancelledError:
            return {"cancelled": True}
        except AdreelError as error:
            await steps.run("fail", self.endings.failed, job.session_id, job.job_id, str(error), retries=TRIES)
            return {"failed": str(error)}

    async def _run(self, steps: Steps, job: FilmJob) -> Json:
        begun = (job.session_id, job.job_id, 0.0, "Composing…")
        await steps.run("composing", self.reporter.composing, *begun, retries=TRIES)
        films: list[str] = []
        for index, aspect in enumerate(job.aspects):
            films.append(
                await steps.run(f"film:{aspect}", self.maker.make, job, index, retries=TRIES, preemptible=True)
            )
        await steps.run("finish", self.endings.complete, job.session_id, job.job_id, films, retries=TRIES)
        return {"films": films}
