"""Reads the default limits of accounts from the settings."""

from __future__ import annotations

from adreel.bootstrap.settings import Settings
from adreel.db.engine import Database
from adreel.domain.accounts.limits import AccountLimits
from adreel.domain.catalogues.batch import BatchLimits
from adreel.services.accounts.limits_service import LimitsService

_MEGABYTE = 1024 * 1024


def default_limits(settings: Settings) -> AccountLimits:
    """Returns the limits of accounts without limits of their own."""
    return AccountLimits(
        sessions=settings.limit_sessions,
        sessions_per_hour=settings.limit_sessions_per_hour,
        stored_mb=settings.limit_stored_mb,
        jobs=settings.limit_jobs,
        photos=settings.limit_photos,
        keys=settings.limit_keys,
        dollars_per_day=settings.limit_dollars_per_day,
        budget=settings.limit_budget,
    )


def limits_service(settings: Settings, database: Database) -> LimitsService:
    return LimitsService(database, default_limits(settings))


def batch_limits(settings: Settings) -> BatchLimits:
    """Returns the limits of a batch."""
    return BatchLimits(settings.batch_rows, settings.batch_mb * _MEGABYTE, settings.batch_dollars)
