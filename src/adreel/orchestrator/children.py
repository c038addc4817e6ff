"""Waiting for the children of a flow, whatever becomes of each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.orchestrator.steps import ChildHandle


async def results_of(children: Sequence[ChildHandle], field: str) -> tuple[list[str], list[tuple[int, AdreelError]]]:
    """What the children answer under `field`, and the failures by index, each child waited for to its end.

    Raises CancelledError and LostLeaseError: then nobody waits for any of them.
    """
    # All at once: one after the other, each would wait for the next look at what has ended.
    results = await asyncio.gather(*[child.result() for child in children], return_exceptions=True)
    made: list[str] = []
    errors: list[tuple[int, AdreelError]] = []
    for index, result in enumerate(results):
        if not isinstance(result, BaseException):
            made.append(result[field])
        elif isinstance(result, AdreelError) and not isinstance(result, (LostLeaseError, CancelledError)):
            errors.append((index, result))
        else:
            raise result
    return made, errors
