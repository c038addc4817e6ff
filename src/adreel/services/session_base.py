"""What all parts of the session service stand on."""

from __future__ import annotations

from adreel.db.engine import Database
from adreel.services.defaults import Clock, MakeId, new_id, utc_now


class SessionBase:
    def __init__(self, database: Database, clock: Clock = utc_now, make_id: MakeId = new_id) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
