"""Waiting for the children of a flow, whatever becomes of each."""

from __future__ import annotations

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.orchestrator.steps import Children


async def results_of(children: Children, field: str) -> tuple[list[str], list[tuple[int, AdreelError]]]:
    """What the children answer under `field`, and the failures by index, each child waited for to its end.

    Raises CancelledError and LostLeaseError: then nobody waits for any of them.
    """
    made: list[str] = []
    errors: list[tuple[int, AdreelError]] = []
    for index, result in enumerate(await children.results()):
        if not isinstance(result, AdreelError):
            made.append(result[field])
        elif isinstance(result, (LostLeaseError, CancelledError)):
            raise result
        else:
            errors.append((index, result))
    return made, errors
