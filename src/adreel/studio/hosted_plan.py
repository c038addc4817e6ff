"""Plans an order before anything is bought: validates it, finds its existing parts and estimates the cost of the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from pathlib import Path

from adreel.agents.boards import first_spec, timed
from adreel.agents.film_cards import check_cards
from adreel.agents.options import NEUTRAL_COLOR, film_spec
from adreel.agents.output import check_out, files_of
from adreel.agents.passport_files import check_passport_files
from adreel.billing.clip_jobs import digest_of
from adreel.bootstrap.core import Core
from adreel.bootstrap.remedies import no_account
from adreel.domain.brand import branded_options
from adreel.domain.costs.ledger import PurchaseKind
from adreel.domain.errors import BudgetError, InputError, NotFoundError
from adreel.domain.films.formats import to_frames, to_seconds
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.media.photos.folders import find_photos
from adreel.media.photos.photo import check_photo
from adreel.media.timeline import Item, film_timeline
from adreel.providers.planning.fallback import models_in_order
from adreel.providers.planning.scene_rules import read_mood
from adreel.providers.registry import provider
from adreel.studio.hosted_estimate import AlreadyBought, Estimate, estimate
from adreel.studio.hosted_order import Choice, HostedOrder, choose, clip_count, identity
from adreel.studio.scripted_order import ScriptedOrder, scripted_order


@dataclass(frozen=True, slots=True)
class HostedPlan:
    """A valid order with a session of its own. `spent` of its `budget` is already used (US dollars).

    `photos` is the number of images from the user's photos; `is_framed` says that they are framings of a single photo. `notes`
    name files that were skipped, and photos that are cut short. `scripted` is the film of the order's script, None without one.
    """

    order: HostedOrder
    choice: Choice
    session_id: str
    estimate: Estimate
    budget: Decimal
    spent: Decimal
    photos: int
    is_framed: bool
    notes: tuple[str, ...] = ()
    scripted: ScriptedOrder | None = None

    @property
    def prompt(self) -> str:
        """What the clips are made by: the order's prompt, or that of its script."""
        return self.scripted.board.prompt if self.scripted else self.order.prompt

    @property
    def lines(self) -> list[str]:
        """The estimate, formatted for the user."""
        return self.estimate.lines(self.spent, self.budget)


async def plan_films(core: Core, user_id: str, orders: Sequence[HostedOrder]) -> list[HostedPlan]:
    """Plans films of one script in several languages, from the same clips. Raises as `plan_film` does."""
    plans = [await plan_film(core, user_id, order) for order in orders]
    lengths = [plan.scripted.lengths for plan in plans if plan.scripted is not None]
    if len(orders) == 1 or len(lengths) < len(plans):
        return plans
    longest = tuple(map(max, zip(*lengths, strict=True)))
    return [await plan_film(core, user_id, replace(order, clip_frames=longest)) for order in orders]


async def plan_film(core: Core, user_id: str, order: HostedOrder) -> HostedPlan:
    """Buys nothing and changes nothing. Raises InputError for what cannot be made, and BudgetError when it costs too much."""
    offered = provider(order.provider)
    if offered.name not in core.providers:
        raise InputError(no_account(offered))
    found = await asyncio.to_thread(find_photos, order.photos)
    order = _branded(replace(order, photos=found.paths))
    choice = choose(order, core.catalogue)
    check_out(order.out, order.existing, (*order.photos, *files_of(order.film)))
    if order.passport:
        check_passport_files(order.out)
    every, notes = await _read_photos(core, order.photos)
    scripted = await asyncio.to_thread(scripted_order, order, choice.video, every)
    digests = list(dict.fromkeys(every))
    clips = len(scripted.ordered) if scripted else clip_count(len(digests), order.images)
    await asyncio.to_thread(_check_film, order, clips, scripted)
    shots = scripted.shots if scripted else ()
    session_id, view = await _find(core, user_id, identity(order, choice, digests, shots))
    made = [clip is not None for clip in scripted.made(view, order, choice.video)] if scripted and view else None
    held = await _held(core, view, made) if view else AlreadyBought()
    writer = next((text for text in models_in_order(core.catalogue.texts) if text.provider in core.providers), None)
    needed = estimate(order, choice, clips, held, writer, _absent(scripted, made))
    budget = core.settings.session_budget if order.budget is None else order.budget
    budget = max(budget - order.spent_before, Decimal(0)) if order.bought else budget
    _check_budget(needed, budget, view)
    account = await core.ledger.budget(user_id)
    if account.cap is not None and account.left is not None and needed.total > account.left:
        raise BudgetError("account", needed.total, account.left, account.cap)
    spent = view.session.total_cost if view else Decimal(0)
    photos = len(digests) if scripted else clips - order.images
    return HostedPlan(
        order,
        choice,
        session_id,
        needed,
        budget,
        spent,
        photos,
        photos > len(digests),
        (*found.notes, *notes),
        scripted,
    )


def _branded(order: HostedOrder) -> HostedOrder:
    """The order with the colour and font of its brand; the words of a script get theirs with its storyboard."""
    return order if order.brand is None else replace(order, film=branded_options(order.brand, order.film))


def _absent(scripted: ScriptedOrder | None, made: Sequence[bool] | None) -> list[float] | None:
    """The seconds of a script's clips that the session does not have; None without a script."""
    if scripted is None:
        return None
    is_made = made or [False] * len(scripted.ordered)
    return [to_seconds(frames) for frames, there in zip(scripted.ordered, is_made, strict=True) if not there]


async def _read_photos(core: Core, photos: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Returns the hashes of the photos in their order and notes about them, after decoding each completely. Raises PhotoError."""
    for photo in photos:
        await asyncio.to_thread(check_photo, photo)
    infos = [await core.photos.verify(photo) for photo in photos]
    return [info.digest for info in infos], [info.note for info in infos if info.note]


def _check_film(order: HostedOrder, clips: int, scripted: ScriptedOrder | None) -> None:
    """Raises InputError, TextError or MusicError for invalid options, before anything is paid for."""
    if order.film.draft:
        raise InputError("bought clips have no draft; choose the local engine for it, or make the film itself")
    if scripted is not None:
        timed(scripted.board)
        check_cards(first_spec(scripted.board))
        return
    spec = film_spec(order.film, read_mood(order.prompt), NEUTRAL_COLOR)
    film_timeline(spec, [Item(f"clip {number + 1}", to_frames(order.clip_seconds)) for number in range(clips)])
    check_cards(spec)


async def _find(core: Core, user_id: str, key: str) -> tuple[str, SessionView | None]:
    """Returns the id of this order's session, and the session if it exists.

    When the session was deleted but has purchases, the order gets another session: it would otherwise wait for deleted files.
    """
    for generation in count():
        session_id = digest_of("session", key, generation)[:32]
        try:
            return session_id, await core.sessions.get(user_id, session_id)
        except NotFoundError:
            if not await core.ledger.has_calls(session_id):
                return session_id, None
    raise AssertionError("unreachable: generations do not end")


async def _held(core: Core, view: SessionView, made: Sequence[bool] | None) -> AlreadyBought:
    """What the session has; `made` says it of each beat of a script."""
    images = view.of_kind(AssetKind.IMAGE)
    with_clip = {clip.source_image_id for clip in view.of_kind(AssetKind.CLIP)}
    calls = await core.ledger.open_calls(session_id=view.session.id)
    opened = Counter(call.kind for call in calls if not call.outside_job)
    return AlreadyBought(
        images=sum(image.model is not None for image in images),
        clips=sum(image.id in with_clip for image in images) if made is None else sum(made),
        open_images=opened[PurchaseKind.IMAGE],
        open_clips=opened[PurchaseKind.CLIP],
    )


def _check_budget(needed: Estimate, budget: Decimal, view: SessionView | None) -> None:
    """Raises BudgetError when the remaining purchases exceed the budget."""
    if budget < 0:
        raise InputError(f"a budget of ${budget} is not possible: give 0 or more")
    used = view.session.total_cost + view.session.reserved if view else Decimal(0)
    left = max(budget - used, Decimal(0))
    if needed.total > left:
        raise BudgetError("film", needed.total, left, budget)
