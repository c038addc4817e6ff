"""Column types that keep money exact and times timezone-aware, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, BindParameter, DateTime, Dialect, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

_MICROS = 1_000_000
_MICRO = Decimal("0.000001")

JsonColumn = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Money(TypeDecorator[Decimal]):
    """US dollars as whole millionths, so that sums and comparisons within the database are exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int((Decimal(value) * _MICROS).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else (Decimal(int(value)) * _MICRO).quantize(_MICRO)


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC; SQLite stores them without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def usd(amount: Decimal) -> BindParameter[Decimal]:
    """Wraps an amount for a SQL expression. A bare Decimal could be bound as a plain number, a millionth of the amount."""
    return literal(amount, Money())
