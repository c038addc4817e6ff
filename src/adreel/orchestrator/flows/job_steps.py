"""What the flows of all jobs have in common: their failures, and the end of those that start a child for each part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.steps import Children, Steps
from adreel.orchestrator.flows.failure_words import failure_words
from adreel.orchestrator.flows.progress import Endings
from adreel.orchestrator.flows.step_results import MadeAsset

TRIES = 3
"""Retries of a step after a temporary failure, such as a database or storage that is away."""

_FAILED, _FAILURE_KIND = "failed", "error"

Ready = Callable[[str, str, list[str], list[str]], Awaitable[None]]
"""Ends a job with its session's id, its own id, the ids of what was made and the messages of what failed."""


class SessionJob(Protocol):
    """A job of a session, whatever it makes."""

    @property
    def session_id(self) -> str: ...
    @property
    def job_id(self) -> str: ...


async def run_job(steps: Steps, endings: Endings, job: SessionJob, work: Callable[[], Awaitable[Json]]) -> Json:
    """Runs `work`; a failure ends the job. Returns the result of `work`, or why there is none. Raises LostLeaseError."""
    try:
        return await work()
    except LostLeaseError:
        raise
    except CancelledError:
        # The canceller has updated the session.
        return {"cancelled": True}
    except AdreelError as error:
        words = failure_words(error, f"job {job.job_id}")
        await steps.run("fail", endings.failed, job.session_id, job.job_id, words, retries=TRIES)
        return {_FAILED: words, _FAILURE_KIND: type(error).__name__}


def failure_kind(result: Json) -> str | None:
    """The type of the error for which `run_job` ended a job; None when the job did not fail."""
    return str(result.get(_FAILURE_KIND, AdreelError.__name__)) if _FAILED in result else None


async def finish_parts(steps: Steps, job: SessionJob, children: Children, part: str, ready: Ready) -> Json:
    """Waits for the children, each of which makes one `part`, and ends the job. Raises an error when all have failed."""
    made, errors = await _results_of(children, part)
    if not made:
        raise errors[0][1]
    named = f"job {job.job_id}"
    failures = [f"{part} {index + 1}: {failure_words(error, named)}" for index, error in errors]
    await steps.run("finish", ready, job.session_id, job.job_id, made, failures, retries=TRIES)
    return {f"{part}s": made, "failures": failures}


async def _results_of(children: Children, part: str) -> tuple[list[str], list[tuple[int, AdreelError]]]:
    """Waits for all children; returns the ids of the parts that they made, and the failures with their indexes.

    Raises the CancelledError or LostLeaseError of a child.
    """
    made: list[str] = []
    errors: list[tuple[int, AdreelError]] = []
    for index, result in enumerate(await children.results()):
        if not isinstance(result, AdreelError):
            made.append(MadeAsset.read(part, result).id)
        elif isinstance(result, (LostLeaseError, CancelledError)):
            raise result
        else:
            errors.append((index, result))
    return made, errors
