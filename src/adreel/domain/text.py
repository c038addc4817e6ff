"""What is asked of language models, and how."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

MAX_TOKENS = 1500
TEMPERATURE = 0.7


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A question. `system` is ours and says what to do; `user` holds what people wrote, as data. `temperature` is 0 to 1."""

    system: str
    user: str
    max_tokens: int = MAX_TOKENS
    temperature: float = TEMPERATURE


@dataclass(frozen=True, slots=True)
class TextOrder:
    """An answer to be bought from one model of the catalogue. `marker` is unique to the purchase: a lost order is found by it."""

    model: str
    request: TextRequest
    marker: int


class LanguageModel(Protocol):
    """Whatever answers questions. `name` is the model that is asked first."""

    name: str

    def estimate(self, request: TextRequest) -> Decimal:
        """What an answer costs at most, in US dollars."""
        ...

    async def write(self, request: TextRequest) -> str:
        """The whole answer. Raises GenerationError and its kinds, and BudgetError when it cannot be paid for."""
        ...
