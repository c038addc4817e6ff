"""The passport of a film."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from adreel.routers.schemas.checks import CheckedPlacement


class PassportVerdict(CheckedPlacement):
    """How a film keeps the rules of its placement: `done` to the film for it, `left` of it in words."""

    done: list[str]
    left: list[str]


class Attestation(BaseModel):
    """What to state about generated content in a field of a platform."""

    platform: str
    field: str
    value: str
    source: str
    seen_on: str
    note: str | None


class ReceiptCall(BaseModel):
    """A paid call. `id` is that of the provider; `amount` a decimal string in US dollars."""

    id: str | None
    kind: str
    provider: str
    model: str
    amount: str
    ordered_at: str
    result: str


class ReceiptAnswer(BaseModel):
    """All that was bought in the session before the film was made."""

    currency: str
    total: str
    calls: list[ReceiptCall]


class PassportAnswer(BaseModel):
    """The passport of a film; `passport` is the version of its form. docs/placements.md describes each part."""

    passport: int
    film: dict[str, Any] = Field(description="Its file name, SHA-256, size, length and placement")
    credentials: dict[str, Any] = Field(description="What its content credentials show, with a statement in words")
    provenance: dict[str, Any] = Field(description="The provenance object of the Ad Context Protocol")
    attestations: list[Attestation]
    verdict: PassportVerdict | None = Field(description="Null for a film that was made for no placement")
    checks: list[dict[str, Any]]
    sources: dict[str, Any] = Field(description="Parts, fonts, music, voice and programs, with their licences")
    words: list[dict[str, Any]] | None = Field(description="Where each text stands, in pixels and frames")
    receipt: ReceiptAnswer
