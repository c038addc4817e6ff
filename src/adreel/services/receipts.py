"""Stores the answer to a request in the transaction that does its work: both are committed, or neither."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

Receipt = Callable[[AsyncSession, T], Awaitable[None]]
"""Called at the end of a transaction with its result. An exception rolls the transaction back."""


async def no_receipt(_transaction: AsyncSession, _done: object) -> None:
    """For work whose answer is not stored."""


def receipt_of(receipt: Receipt[T], answer: T) -> Receipt[object]:
    """Returns the receipt for work whose answer is known before its transaction begins."""

    async def keep(transaction: AsyncSession, _done: object) -> None:
        await receipt(transaction, answer)

    return keep
