"""What all parts of the session service stand on."""

from __future__ import annotations

from decimal import Decimal

from adreel.db.engine import Database
from adreel.services.defaults import Clock, MakeId, new_id, utc_now


class SessionBase:
    """`default_cap` is the budget of sessions that are given none, in US dollars; None is no limit."""

    def __init__(
        self,
        database: Database,
        clock: Clock = utc_now,
        make_id: MakeId = new_id,
        default_cap: Decimal | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._default_cap = default_cap
