"""What tests of sessions and their money share. Brings pytest fixtures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from adreel.db.engine import Database
from adreel.db.tables import CostRow, PaidCallRow, SessionRow, UserRow
from adreel.domain.costs.ledger import Purchase, PurchaseKind
from adreel.domain.films.scene import CameraMovement, Mood, Scene, ViewType
from adreel.domain.sessions.details import ClipDetails, ImageDetails, StoredSegment
from adreel.domain.sessions.session import Asset, AssetKind, SessionRecord
from adreel.domain.sessions.stage import Action
from adreel.services.ledger.service import LedgerService
from adreel.services.ledger.settlement import OPEN
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.service import SessionService
from support.db import add_user


class Ticking:
    """A clock that goes on by one second at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


DETAILS = ClipDetails(
    duration=3.0,
    resolution="1920x1080",
    fps=30,
    frames=90,
    scene=Scene(ViewType.FRONT, "a mug", CameraMovement.PUSH_IN, 0.5, Mood.CALM),
    clip_frames=90,
    segment=StoredSegment("key", 90, 1920, 1080, "digest", "segments/one.mp4"),
)
"""Those of a clip whose files do not matter."""


def image(name: str = "photo") -> NewAsset:
    return NewAsset(
        AssetKind.IMAGE, f"images/{name}.png", "0" * 64, "image/png", 10, details=ImageDetails(file_name=name)
    )


def clip(request: str | None) -> NewAsset:
    return NewAsset(
        AssetKind.CLIP, f"clips/{request}.mp4", "0" * 64, "video/mp4", 10, request=request, model="m", details=DETAILS
    )


def purchase(key: str, session_id: str, estimate: str, user_id: str = "ann", previous: str | None = None) -> Purchase:
    kind = PurchaseKind.CLIP
    return Purchase(key, session_id, user_id, kind, "stand-in", "m", Decimal(estimate), previous=previous)


@dataclass
class Desk:
    """The services on one database, and the ways into the stages of a session that tests start from."""

    database: Database
    clock: Ticking = field(default_factory=Ticking)

    def __post_init__(self) -> None:
        self.sessions = SessionService(self.database, self.clock)
        self.ledger = LedgerService(self.database, self.clock)

    async def session(self, user_id: str = "ann", cap: str | None = None) -> SessionRecord:
        return await self.sessions.create(user_id, budget_cap=None if cap is None else Decimal(cap))

    async def with_images(self, count: int = 2) -> tuple[SessionRecord, tuple[Asset, ...]]:
        """A session at image_selection with its images approved."""
        session = await self.session()
        images = await self.sessions.add_images("ann", session.id, [image(str(index)) for index in range(count)])
        await self.sessions.approve_images("ann", session.id, [asset.id for asset in images])
        return await self.sessions.record(session.id), images

    async def with_clips(self, count: int = 2) -> tuple[SessionRecord, tuple[Asset, ...]]:
        """A session at clip_selection."""
        session, _ = await self.with_images()
        await self.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, f"{session.id}-clips", {})
        clips = [await self.sessions.add_made(session.id, clip(f"clip {index}")) for index in range(count)]
        await self.sessions.finish(f"{session.id}-clips")
        return await self.sessions.record(session.id), tuple(clips)


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something that other tasks or processes bring about."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Services on an empty database, once on SQLite and once on PostgreSQL, with the users ann and bob."""
    await add_user(database, "ann")
    await add_user(database, "bob")
    return Desk(database)


async def check_books(database: Database) -> None:
    """Every sum that is kept beside the ledger is what the ledger says. Sessions must still be there."""
    async with database.reading() as transaction:
        for row in (await transaction.scalars(select(SessionRow))).all():
            of_session = PaidCallRow.session_id == row.id
            assert row.reserved == await _reserved(transaction, of_session), row.id
            lines = await _sum(transaction, CostRow.amount, CostRow.session_id == row.id)
            assert row.total_cost == lines, row.id
            assert lines == await _billed(transaction, of_session) + await _beside(transaction, [row.id])
        for user in (await transaction.scalars(select(UserRow))).all():
            of_user = PaidCallRow.user_id == user.id
            own = (await transaction.scalars(select(SessionRow.id).where(SessionRow.user_id == user.id))).all()
            assert user.reserved == await _reserved(transaction, of_user), user.id
            assert user.spent == await _billed(transaction, of_user) + await _beside(transaction, own), user.id


async def _reserved(transaction: AsyncSession, whose: ColumnElement[bool]) -> Decimal:
    return await _sum(transaction, PaidCallRow.estimate, whose, PaidCallRow.state.in_(OPEN))


async def _billed(transaction: AsyncSession, whose: ColumnElement[bool]) -> Decimal:
    return await _sum(transaction, PaidCallRow.amount, whose, PaidCallRow.state.not_in(OPEN))


async def _beside(transaction: AsyncSession, sessions: Sequence[str]) -> Decimal:
    """What was paid for in these sessions outside of the ledger."""
    ledger = select(PaidCallRow.key)
    return await _sum(transaction, CostRow.amount, CostRow.session_id.in_(sessions), CostRow.id.not_in(ledger))


async def _sum(
    transaction: AsyncSession, column: InstrumentedAttribute[Decimal], *conditions: ColumnElement[bool]
) -> Decimal:
    amounts = (await transaction.scalars(select(column).where(*conditions))).all()
    return sum(amounts, Decimal(0))
