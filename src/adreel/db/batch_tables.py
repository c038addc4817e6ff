"""The tables of batches."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from adreel.db.tables import Table
from adreel.db.types import JsonColumn

_ID = String(64)


class CatalogueRow(Table):
    """A user's catalogues. Locked by changes of its batches and films, after the batch and before the user."""

    __tablename__ = "catalogues"
    __table_args__ = (UniqueConstraint("user_id", "name", name="uq_catalogues_name"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class BatchRow(Table):
    """`ordered` is what was asked for, `feed` says where the feed is; `run` counts the workflows of the batch. `pause` is a
    `Pause`. `sample_until`: only rows with a number below are made before the batch pauses. `last_seq` grows with each change."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_user_created", "user_id", "created_at", "id"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    catalogue_id: Mapped[str] = mapped_column(ForeignKey("catalogues.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    pause: Mapped[str | None] = mapped_column(String(16))
    ordered: Mapped[dict[str, Any]]
    feed: Mapped[dict[str, Any]]
    run: Mapped[int] = mapped_column(Integer, default=1)
    last_seq: Mapped[int] = mapped_column(Integer, default=1)
    is_planned: Mapped[bool] = mapped_column(default=False)
    rows_read: Mapped[int] = mapped_column(Integer, default=0)
    gone: Mapped[int] = mapped_column(Integer, default=0)
    film_seconds: Mapped[float] = mapped_column(default=0.0)
    sample_until: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BatchItemRow(Table):
    """One film of a batch. `workflow` is the only one that may make it. `ad` is its script, `links` its photos' addresses;
    `film_id` is the film that it has, or will have."""

    __tablename__ = "batch_rows"
    __table_args__ = (Index("ix_batch_rows_state", "batch_id", "state", "number"),)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    row: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    placement: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    change: Mapped[str] = mapped_column(String(16))
    script: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[float]
    ad: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn, deferred=True)
    links: Mapped[list[str]] = mapped_column(deferred=True)
    film_id: Mapped[str] = mapped_column(_ID, index=True)
    workflow: Mapped[str | None] = mapped_column(String(200))
    field: Mapped[str] = mapped_column(String(32), default="")
    error: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime]


class BatchProblemRow(Table):
    """Problems of rows, in the order of the feed; those of making film n have the number `MAKING` + n."""

    __tablename__ = "batch_problems"
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    row: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[str] = mapped_column(String(100))
    field: Mapped[str] = mapped_column(String(32))
    is_error: Mapped[bool]
    message: Mapped[str] = mapped_column(Text)


class CatalogueFilmRow(Table):
    """Films of a catalogue. `is_current`: the newest of its product and placement; older ones stay while a batch has them.

    No foreign key to the batch that made it: a later batch may keep the film when that one is deleted.
    """

    __tablename__ = "catalogue_films"
    __table_args__ = (Index("ix_catalogue_films_product", "catalogue_id", "product_id", "placement"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(_ID, index=True)
    catalogue_id: Mapped[str] = mapped_column(ForeignKey("catalogues.id", ondelete="CASCADE"))
    batch_id: Mapped[str] = mapped_column(_ID, index=True)
    product_id: Mapped[str] = mapped_column(String(100))
    placement: Mapped[str] = mapped_column(String(64))
    is_current: Mapped[bool]
    is_gone: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(Text)
    still_key: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    script: Mapped[str] = mapped_column(String(64))
    links: Mapped[list[str]]
    photos: Mapped[dict[str, Any]]
    seconds: Mapped[float]
    took: Mapped[float]
    verdict: Mapped[str] = mapped_column(Text)
    notes: Mapped[list[str]]
    cost: Mapped[Decimal]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime]


MAKING = 1_000_000_000
"""Above the number of any row of a feed."""
