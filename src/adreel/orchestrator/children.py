"""Waiting for the children of a flow, whatever becomes of each."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.errors import AdreelError, CancelledError, LostLeaseError
from adreel.orchestrator.steps import ChildHandle


async def results_of(children: Sequence[ChildHandle], field: str) -> tuple[list[str], list[tuple[int, AdreelError]]]:
    """What the children answer under `field`, and the failures by index, each child waited for to its end.

    Raises CancelledError and LostLeaseError: then nobody waits for any of them.
    """
    made: list[str] = []
    errors: list[tuple[int, AdreelError]] = []
    for index, child in enumerate(children):
        try:
            made.append((await child.result())[field])
        except (LostLeaseError, CancelledError):
            raise
        except AdreelError as error:
            errors.append((index, error))
    return made, errors
