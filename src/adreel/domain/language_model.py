"""Requests to language models, and the protocol of the models."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

MAX_TOKENS = 1500
TEMPERATURE = 0.7


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One request. `system` holds adreel's instructions, `user` the users' text, as data. `temperature` is 0 to 1."""

    system: str
    user: str
    max_tokens: int = MAX_TOKENS
    temperature: float = TEMPERATURE


@dataclass(frozen=True, slots=True)
class TextOrder:
    """One answer to buy from a catalogue model. `marker` is unique to the purchase and identifies an order that was lost."""

    model: str
    request: TextRequest
    marker: int


class LanguageModel(Protocol):
    """A source of text completions. `name` is the model that is tried first."""

    name: str

    def estimate(self, request: TextRequest) -> Decimal:
        """Returns the highest price of an answer, in US dollars."""
        ...

    async def write(self, request: TextRequest) -> str:
        """Returns the complete answer. Raises GenerationError or a subclass; BudgetError when the budget does not cover it."""
        ...
