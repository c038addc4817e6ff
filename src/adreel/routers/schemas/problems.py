"""The body of every error (RFC 9457)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from adreel.routers.schemas.common import Amount


class FieldProblem(BaseModel):
    """One thing wrong with a request. `field` is the way to it, such as ``body.clip_order.2``."""

    field: str
    message: str


class Problem(BaseModel):
    """`instance` is the request's id, by which it is found in the logs. Further members depend on `type`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:adreel:problem:stage",
                    "title": "Conflict",
                    "status": 409,
                    "detail": "cannot approve clips: the session is at created; upload or generate images first",
                    "instance": "5f0c9a7e1b2d4c3f8a6e0d1c2b3a4f5e",
                    "stage": "created",
                }
            ]
        }
    )

    type: str = Field(description="What kind of problem it is; stays the same between versions")
    title: str
    status: int
    detail: str = Field(description="One line that says what is wrong and what to do")
    instance: str = Field(description="The request's id")
    errors: list[FieldProblem] | None = Field(default=None, description="What is wrong with the request, by field")
    stage: str | None = Field(default=None, description="With a stage problem: where the session is")
    whose: str | None = Field(default=None, description="With a budget problem: session or account")
    needed: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    left: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    cap: Amount | None = Field(default=None, description="With a budget problem: US dollars")
    retry_after: int | None = Field(default=None, description="Seconds until trying again can help")
