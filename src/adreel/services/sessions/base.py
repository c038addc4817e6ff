"""The common base of all parts of the session service."""

from __future__ import annotations

from decimal import Decimal

from adreel.db.engine import Database
from adreel.domain.accounts.limits import NO_LIMITS, AccountLimits
from adreel.domain.ids import Clock, MakeId, new_id, utc_now


class SessionBase:
    """`default_cap` is the budget of sessions created without one, in US dollars; None is no limit.

    `limits` are the defaults of accounts.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock = utc_now,
        make_id: MakeId = new_id,
        default_cap: Decimal | None = None,
        limits: AccountLimits = NO_LIMITS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._default_cap = default_cap
        self._limits = limits
