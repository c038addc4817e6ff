"""Looks at an order before anything is bought: whether it can be made, what of it is there, what the rest will cost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path

from adreel.bootstrap.core import Core
from adreel.bootstrap.films import NO_ACCOUNT
from adreel.domain.errors import BudgetError, InputError, NotFoundError
from adreel.domain.formats import to_frames
from adreel.domain.money import tidy
from adreel.domain.session import AssetKind, SessionView
from adreel.hosted.estimate import Estimate, Held, estimate
from adreel.hosted.orders import PROVIDER, Choice, HostedOrder, choose, clip_count, identity
from adreel.maker import NEUTRAL_COLOR, check_out
from adreel.media.photos import check_photo, load_photo
from adreel.media.segments import file_digest
from adreel.media.timeline import Item, film_timeline
from adreel.options import film_spec
from adreel.orchestrator.orders import digest_of
from adreel.providers.llm.fallback import models_in_order
from adreel.providers.rules import read_mood


@dataclass(frozen=True, slots=True)
class HostedPlan:
    """An order that can be made, in a session of its own. `spent` of its `budget` is gone already (US dollars).

    `photos` is how many images come of the person's photos; `is_framed` says that they are framings of a single one.
    """

    order: HostedOrder
    choice: Choice
    session_id: str
    estimate: Estimate
    budget: Decimal
    spent: Decimal
    photos: int
    is_framed: bool

    @property
    def lines(self) -> list[str]:
        """What will be bought, for a person."""
        return self.estimate.lines(self.spent, self.budget)


async def plan_film(core: Core, user_id: str, order: HostedOrder) -> HostedPlan:
    """Buys nothing and changes nothing. Raises InputError for what cannot be made, and BudgetError when it costs too much."""
    if PROVIDER not in core.providers:
        raise InputError(NO_ACCOUNT)
    choice = choose(order, core.catalogue)
    check_out(order.out)
    digests = await asyncio.to_thread(_digests, order.photos)
    clips = clip_count(len(digests), order.images)
    await asyncio.to_thread(_check_film, order, clips)
    session_id, view = await _find(core, user_id, identity(order, choice, digests))
    held = await _held(core, view) if view else Held()
    writer = models_in_order(core.catalogue.texts)[0]
    needed = estimate(order, choice, clips, held, writer)
    budget = core.settings.session_budget if order.budget is None else order.budget
    _check_budget(needed, budget, view)
    account = await core.ledger.budget(user_id)
    if account.cap is not None and account.left is not None and needed.total > account.left:
        raise BudgetError("account", tidy(needed.total), tidy(account.left), tidy(account.cap))
    spent = view.session.total_cost if view else Decimal(0)
    photos = clips - order.images
    return HostedPlan(order, choice, session_id, needed, budget, spent, photos, is_framed=photos > len(digests))


def _digests(photos: Sequence[Path]) -> list[str]:
    """Hashes of the photos, each once, after all of them were decoded to their ends. Raises PhotoError."""
    for photo in photos:
        check_photo(photo)
    for photo in photos:
        load_photo(photo)
    return list(dict.fromkeys(file_digest(photo) for photo in photos))


def _check_film(order: HostedOrder, clips: int) -> None:
    """Raises for words, music, colours and lengths of which no film can be made, before anything is paid for."""
    spec = film_spec(order.film, read_mood(order.prompt), NEUTRAL_COLOR)
    film_timeline(spec, [Item(f"clip {number + 1}", to_frames(order.clip_seconds)) for number in range(clips)])


async def _find(core: Core, user_id: str, key: str) -> tuple[str, SessionView | None]:
    """The session of this order, or the id that it is to get.

    The purchases of a session that was deleted are over: the order then gets another session, or it would wait for files
    that are gone.
    """
    for generation in count():
        session_id = digest_of("session", key, generation)[:32]
        try:
            return session_id, await core.sessions.get(user_id, session_id)
        except NotFoundError:
            if not await core.ledger.has_calls(session_id):
                return session_id, None
    raise AssertionError("unreachable: generations do not end")


async def _held(core: Core, view: SessionView) -> Held:
    session_id = view.session.id
    images = view.of_kind(AssetKind.IMAGE)
    with_clip = {clip.source_image_id for clip in view.of_kind(AssetKind.CLIP)}
    open_keys = [
        call.key.removeprefix(f"{session_id}:") for call in await core.ledger.open_calls(session_id=session_id)
    ]
    open_images = sum(key.startswith("image-") for key in open_keys)
    open_texts = sum(key.startswith("text-") for key in open_keys)
    return Held(
        images=sum(image.model is not None for image in images),
        clips=sum(image.id in with_clip for image in images),
        open_images=open_images,
        open_clips=len(open_keys) - open_images - open_texts,
    )


def _check_budget(needed: Estimate, budget: Decimal, view: SessionView | None) -> None:
    """Raises BudgetError, with the numbers, when what is still to be bought does not fit into the budget."""
    if budget < 0:
        raise InputError(f"a budget of ${budget} is not possible: give 0 or more")
    used = view.session.total_cost + view.session.reserved if view else Decimal(0)
    left = max(budget - used, Decimal(0))
    if needed.total > left:
        raise BudgetError("film", tidy(needed.total), tidy(left), tidy(budget))
