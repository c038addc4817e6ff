"""Before anything is paid for: does the model still take what the catalogue sends? Asked once a day for each model."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from adreel.catalogue.models import Model
from adreel.catalogue.schema import check_schema
from adreel.domain.errors import UnavailableError

InputSchema = Callable[[str], Awaitable[Mapping[str, object]]]

_DAY = 24 * 3600.0


class InputChecks:
    """What was found good counts for `every` seconds; what was not is looked at again each time. For one event loop.

    `input_schema` gives the OpenAPI document of a model's inputs by its reference, and raises RefusedError for a model that is
    not there.
    """

    def __init__(
        self, input_schema: InputSchema, *, clock: Callable[[], float] = time.monotonic, every: float = _DAY
    ) -> None:
        self._input_schema = input_schema
        self._clock = clock
        self._every = every
        self._passed: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def require(self, model: Model) -> None:
        """Raises RefusedError when the model is gone or takes other inputs, UnavailableError when that is not known."""
        async with self._turns[model.name]:
            passed = self._passed.get(model.name)
            if passed is not None and self._clock() < passed + self._every:
                return
            await self._look(model)
            self._passed[model.name] = self._clock()

    async def _look(self, model: Model) -> None:
        try:
            document = await self._input_schema(model.reference)
        except UnavailableError as error:
            raise UnavailableError(
                f"{model.name}: what the model takes cannot be looked up, so nothing was bought ({error})"
            ) from error
        check_schema(model, document)
