"""Figures over all sessions, for whoever runs the service."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from adreel.db.engine import Database
from adreel.db.tables import SessionRow, UserRow


@dataclass(frozen=True, slots=True)
class Usage:
    """`spent` in US dollars, deleted sessions included."""

    jobs_under_way: int
    spent: Decimal


class UsageService:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def usage(self) -> Usage:
        """One query."""
        jobs = select(func.count(SessionRow.job_id)).scalar_subquery()
        spent = select(func.coalesce(func.sum(UserRow.spent), Decimal(0), type_=UserRow.spent.type)).scalar_subquery()
        async with self._db.reading() as tx:
            row = (await tx.execute(select(jobs, spent))).one()
        return Usage(int(row[0]), Decimal(row[1] or 0))
