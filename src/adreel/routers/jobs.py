"""Jobs by their id, during their work and after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from adreel.routers.common.deps import CurrentUser, ResponsesDep, ServicesDep
from adreel.routers.common.problems import problems
from adreel.routers.schemas.jobs import JobAnswer

router = APIRouter(tags=["generation"])

JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,200}$", examples=["1d2f4a6c7d9f2c4e8a1b4f6d9c3e5a7b"])]


@router.get("/api/jobs/{job_id}", responses=problems(401, 404))
async def get_job(services: ServicesDep, user: CurrentUser, responses: ResponsesDep, job_id: JobId) -> JobAnswer:
    """Returns a job: its state, its progress and, at its end, what it made."""
    job = await services.sessions.job(user.id, job_id)
    return responses.job(job, await services.sessions.get(user.id, job.session_id))
