"""What must be true after all the killing: of the bill, of the clips, of the films."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import av
import numpy as np
from sqlalchemy import select

from adreel.bootstrap.core import Core
from adreel.db.tables import PaidCallRow, SessionRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.sessions.session import Asset, AssetKind
from crash.customers import FRAMES, Colour, Customer
from support.replicate import Json
from support.sessions import check_books

_NEAR = 14
"""Levels (0–255) by which a colour may be off after two encodings."""


async def check_bill(core: Core, bill: Json, customers: list[Customer], extra: int) -> None:
    """What was charged is what the ledger says, order by order. `extra` orders more than clips may have been paid for: those
    that came to nothing because the stand-in was told to fail them."""
    async with core.database.reading() as transaction:
        calls = list(await transaction.scalars(select(PaidCallRow)))
    charged = {entry["id"]: Decimal(entry["charged"]) for entry in bill["entries"]}
    noted = {call.provider_id: call.amount for call in calls if call.state != CallState.RELEASED.value}
    assert {call.state for call in calls} <= {CallState.PAID.value, CallState.LOST.value, CallState.RELEASED.value}
    assert noted == charged, f"the ledger says {noted}, the provider {charged}"
    texts = sum(entry["model"].startswith("meta/") for entry in bill["entries"])
    hosted = [customer for customer in customers if customer.model != "local"]
    bought = sum(len(customer.colours) * (1 + customer.words) + customer.takes for customer in hosted)
    others = len(charged) - texts
    assert bought <= others <= bought + extra, f"{others} orders for {bought} clips and pictures"
    # For every plan one question and one more, as what the stand-in writes makes no sense. Scenes of clips that are drawn here
    # are planned by rules (decision 0082).
    plans = len(hosted) + sum(customer.words for customer in customers)
    assert texts == 2 * plans, f"{texts} answers for {plans} plans"
    await check_books(core.database)


async def check_sessions(core: Core, customers: list[Customer]) -> None:
    """Every customer has one session, and no customer has another."""
    (user,) = {customer.user_id for customer in customers}
    async with core.database.reading() as transaction:
        known = list(await transaction.scalars(select(SessionRow.id).where(SessionRow.user_id == user)))
    assert sorted(known) == sorted(customer.session_id for customer in customers)
    for customer in customers:
        await check_session(core, customer)


async def check_session(core: Core, customer: Customer) -> None:
    """Every scene has its own clip, once, one of them in two takes, and there is one film, which shows them in their order."""
    view = await core.sessions.view(customer.session_id)
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    first, *others = customer.colours
    shown = [clip.source_image_id or "" for clip in clips.values()]
    assert sorted(shown) == sorted([first] * (1 + customer.takes) + others)
    assert len(view.of_kind(AssetKind.IMAGE)) == len(customer.colours)
    (film,) = view.of_kind(AssetKind.FINAL)
    assert view.session.final_video_id == film.id
    assert [path.name for path in sorted(_path(core, film).parent.iterdir())] == [f"{film.id}.mp4"]
    assert film.film_details.frames == FRAMES * len(customer.colours) + 30
    await _check_costs(core, customer, len(clips))
    if customer.model != "local":
        _check_colours(core, customer, clips, film)
    events = await core.progress.replay(customer.session_id, 0)
    ends = [event for event in events if "end" in event.data]
    told = [(event.seq, event.message, event.data.get("job")) for event in ends]
    ready = ["ready"] * (1 + customer.words + customer.takes)
    assert [event.data["end"] for event in ends] == [*ready, "complete"], told


async def _check_costs(core: Core, customer: Customer, clips: int) -> None:
    total, lines = await core.sessions.costs(customer.user_id, customer.session_id)
    assert total == sum((line.amount for line in lines), Decimal(0))
    made = [line for line in lines if line.success and line.agent == "video_generator"]
    assert len(made) == clips
    assert len([line for line in lines if line.agent == "compositor"]) == 1


def _check_colours(core: Core, customer: Customer, clips: dict[str, Asset], film: Asset) -> None:
    expected = [customer.colours[clips[clip].source_image_id or ""] for clip in customer.order]
    for clip in clips.values():
        _near(_colour_at(_path(core, clip), 5), customer.colours[clip.source_image_id or ""])
    for place, colour in enumerate(expected):
        _near(_colour_at(_path(core, film), place * FRAMES + FRAMES // 2), colour)


def _near(seen: Colour, expected: Colour) -> None:
    off = max(abs(one - other) for one, other in zip(seen, expected, strict=True))
    assert off <= _NEAR, f"{seen} is not {expected}: a scene shows another scene's clip"


def _colour_at(path: Path, frame: int) -> Colour:
    """The mean colour of the top eighth of a frame."""
    with av.open(str(path)) as film:
        for index, picture in enumerate(film.decode(video=0)):
            if index == frame:
                pixels = picture.to_ndarray(format="rgb24")
                red, green, blue = np.mean(pixels[: pixels.shape[0] // 8], axis=(0, 1))
                return round(float(red)), round(float(green)), round(float(blue))
    raise AssertionError(f"{path.name} has no frame {frame}")


def _path(core: Core, asset: Asset) -> Path:
    path = core.storage.local_path(asset.storage_key)
    assert path is not None
    return path
