"""A disk that is full when a paid clip is to be kept: it is not thrown away, not bought again, and kept once there is room."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import NoSpaceError
from adreel.domain.sessions.stage import Stage
from adreel.media.segments.render import SegmentMaker
from adreel.orchestrator.flows.build import build_flows
from adreel.services.storage.disk_space import DiskSpace, Room
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.segments import SegmentExchange
from support.flows import PRICE, Hall
from support.sessions import check_books

MODEL = "seedance-1-pro-fast"
SECONDS = 1.0


def refusing(number: int, hall: Hall, usual: Callable[..., Any]) -> Callable[..., Any]:
    """Fails as soon as something has been bought."""

    def refuse(*given: Any, **named: Any) -> Any:
        if not hall.provider.orders:
            return usual(*given, **named)
        raise OSError(number, os.strerror(number), "/srv/adreel/file")

    return refuse


async def buy(hall: Hall, session_id: str) -> Stage:
    started = await hall.orchestrator.generate_clips("ann", session_id, "calm", SECONDS, MODEL)
    await hall.jobs.work(started.job_id)
    return (await hall.sessions.record(session_id)).stage


async def calls(hall: Hall) -> list[CallState]:
    async with hall.database.reading() as transaction:
        return [CallState(state) for state in await transaction.scalars(select(PaidCallRow.state))]


PLACES = [
    pytest.param(FolderStore, "_put", id="stored as it came"),
    pytest.param(SegmentMaker, "from_clip", id="conformed"),
    pytest.param(SegmentExchange, "publish", id="the segment stored"),
    pytest.param(Path, "mkdir", id="the folder for it made"),
]


@pytest.mark.parametrize(("owner", "name"), PLACES)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
async def test_a_paid_clip_waits_for_room(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, number: int
) -> None:
    session = await hall.session(images=1)
    with monkeypatch.context() as full:
        full.setattr(owner, name, refusing(number, hall, getattr(owner, name)))
        assert await buy(hall, session.id) is Stage.FAILED
    error = (await hall.sessions.record(session.id)).error or ""
    assert "cannot write to" in error
    assert CallState.LOST not in await calls(hall)
    assert len(hall.provider.orders) == 1
    assert await buy(hall, session.id) is Stage.CLIP_SELECTION
    assert len(hall.provider.orders) == 1
    assert await calls(hall) == [CallState.PAID]
    assert (await hall.sessions.record(session.id)).total_cost == PRICE
    await check_books(hall.database)


async def test_what_could_not_be_kept_is_not_bought(hall: Hall) -> None:
    session = await hall.session(images=1)
    room = Room(100, 10**12)
    space = DiskSpace(hall.folder, 0, lambda _: room, patience_seconds=0.1)
    hall.jobs.flows = dict(build_flows(replace(hall.kit("small"), space=space)).by_name)
    assert await buy(hall, session.id) is Stage.FAILED
    error = (await hall.sessions.record(session.id)).error or ""
    assert str(hall.folder) in error
    assert "bytes" in error
    assert hall.provider.orders == []
    assert (await hall.sessions.record(session.id)).reserved == Decimal(0)
    room = Room(10**12, 10**12)
    assert await buy(hall, session.id) is Stage.CLIP_SELECTION


async def test_a_job_that_does_not_fit_is_refused_before_it_is_taken_on(hall: Hall) -> None:
    session = await hall.session(images=1)
    hall.orchestrator._space = DiskSpace(hall.folder, 0, lambda _: Room(100, 10**12))
    with pytest.raises(NoSpaceError, match=str(hall.folder)):
        await hall.orchestrator.generate_clips("ann", session.id, "calm", SECONDS, MODEL)
    assert (await hall.sessions.record(session.id)).stage is session.stage
    assert (await hall.sessions.record(session.id)).job is None
