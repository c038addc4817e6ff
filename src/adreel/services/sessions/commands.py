"""Immediate commands of users: create and delete sessions, add, remove and approve images and clips."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.locks import lock_own_session
from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.accounts.limits import AccountLimits, require_cap
from adreel.domain.costs.ledger import Budget, check_cap
from adreel.domain.errors import BusyError, ConflictError, InputError, NotFoundError, StageError
from adreel.domain.sessions.session import Asset, AssetKind, SessionRecord, SessionView
from adreel.domain.sessions.stage import Action, Stage, check_action
from adreel.services.accounts.limits import admit_session, lock_limits, read_limits, require_room
from adreel.services.deletion.erasure import erase_files, erase_session, let_in_again
from adreel.services.receipts import Receipt, no_receipt
from adreel.services.sessions.base import SessionBase
from adreel.services.sessions.mapping import asset_of, session_of
from adreel.services.sessions.queries import view_in
from adreel.services.sessions.records import NewAsset
from adreel.services.sessions.results import add_once, unknown_among
from adreel.services.sessions.thumbnail_keys import thumbnail_key

_DELETING = 5
"""Seconds after which a session that is being deleted may be gone from every store."""

_SEEDS = 2**31 - 1
"""The number of seeds that every model's seed field accepts."""


class SessionCommands(SessionBase):
    async def create(
        self,
        user_id: str,
        product_prompt: str = "",
        video_prompt: str = "",
        seed: int | None = None,
        budget_cap: Decimal | None = None,
        session_id: str | None = None,
        receipt: Receipt[SessionRecord] = no_receipt,
        brand_kit: str | None = None,
    ) -> SessionRecord:
        """Creates a session, by default with a random seed, the default cap (US dollars) and a new id.

        Raises ConflictError when a session has the given id, BusyError while such a session is still being deleted, LimitError
        and RateError when the account has reached its number of sessions, LimitError for a cap above the account's limit.
        """
        if budget_cap is not None and budget_cap < 0:
            raise InputError(f"a budget of ${budget_cap} is not possible: give 0 or more")
        row = _new_session(session_id or self._make_id(), user_id, self._clock())
        row.product_prompt, row.video_prompt, row.brand_kit = product_prompt, video_prompt, brand_kit
        row.seed = secrets.randbelow(_SEEDS) if seed is None else seed
        try:
            async with self._database.writing() as transaction:
                if session_id is not None and await transaction.get(SessionRow, session_id) is not None:
                    raise ConflictError(f"there is a session {session_id} already")
                if session_id is not None and not await let_in_again(transaction, session_id, self._clock()):
                    raise BusyError(f"session {session_id} is still being deleted; try again in a moment", _DELETING)
                limits = await admit_session(transaction, user_id, self._limits, row.created_at)
                row.budget_cap = self._cap(budget_cap, limits)
                transaction.add(row)
                await receipt(transaction, session_of(row))
        except IntegrityError as error:
            async with self._database.reading() as transaction:
                if await transaction.get(SessionRow, row.id) is not None:
                    raise ConflictError(f"there is a session {row.id} already") from error
            raise NotFoundError(f"there is no user {user_id}") from error
        return session_of(row)

    async def resume(
        self, user_id: str, session_id: str, product_prompt: str, seed: int, budget_cap: Decimal | None
    ) -> SessionRecord:
        """Returns the session of this id, created if it does not exist; of an existing one only the cap (US dollars) changes.

        Raises NotFoundError for another user's session, InputError for a cap below zero, LimitError for one above the account's
        limit.
        """
        with suppress(ConflictError):
            await self.create(user_id, product_prompt, "", seed, budget_cap, session_id)
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            cap = self._cap(budget_cap, await read_limits(transaction, user_id, self._limits))
            # A cap below the spent amount is raised to it: purchases stop as with an exhausted budget.
            row.budget_cap = None if cap is None else max(cap, row.total_cost + row.reserved)
        return session_of(row)

    async def set_budget(self, user_id: str, session_id: str, cap: Decimal | None) -> SessionRecord:
        """Sets the session's cap in US dollars; with None only the account's applies.

        Raises NotFoundError, ConflictError for a cap below the spent and reserved amount, InputError for one below zero,
        LimitError for one above the account's limit, or for None where there is such a limit.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            check_cap(cap, Budget(row.budget_cap, row.total_cost, row.reserved))
            require_cap(cap, await read_limits(transaction, user_id, self._limits))
            row.budget_cap, row.updated_at = cap, self._clock()
        return session_of(row)

    async def rename(self, user_id: str, session_id: str, name: str) -> SessionRecord:
        """Gives the session a name for people, at any stage. Raises NotFoundError."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            row.name, row.updated_at = name.strip(), self._clock()
        return session_of(row)

    async def delete(self, user_id: str, session_id: str) -> SessionRecord:
        """Deletes the session with all its data; only the ledger stays. Returns the deleted session.

        Its files and its data in other stores are recorded to be deleted. Raises NotFoundError, StageError while a job runs.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            if row.job_id is not None:
                raise StageError(
                    f"cannot delete: the session is at {row.stage} and still working; cancel first", row.stage
                )
            record = session_of(row)
            await erase_session(transaction, row, self._make_id, self._clock())
        return record

    async def add_images(
        self,
        user_id: str,
        session_id: str,
        images: Sequence[NewAsset],
        receipt: Receipt[tuple[Asset, ...]] = no_receipt,
    ) -> tuple[Asset, ...]:
        """Records uploaded images. Idempotent by the `request` of each image.

        Raises NotFoundError, StageError, and LimitError beyond the account's number of images or bytes.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _act(row, Action.UPLOAD_IMAGES, self._clock())
            new = await unknown_among(transaction, session_id, images)
            limits = await lock_limits(transaction, user_id, self._limits)
            await require_room(transaction, user_id, limits, len(new), sum(image.size_bytes for image in new))
            rows = await add_once(transaction, session_id, images, self._make_id, self._clock())
            added = tuple(asset_of(row) for row in rows)
            await receipt(transaction, added)
        return added

    async def require_room(self, user_id: str, images: int, size: int) -> None:
        """Raises LimitError when the account may not add `images` images of `size` bytes together.

        An early check, before the images are processed: `add_images` checks again.
        """
        async with self._database.reading() as transaction:
            limits = await read_limits(transaction, user_id, self._limits)
            await require_room(transaction, user_id, limits, images, size)

    @property
    def default_cap(self) -> Decimal | None:
        """The budget in US dollars of sessions created without one; None is no limit."""
        return self._default_cap

    def _cap(self, requested: Decimal | None, limits: AccountLimits) -> Decimal | None:
        """The requested cap of a session, or the default one. Raises LimitError."""
        if requested is not None:
            require_cap(requested, limits)
            return requested
        caps = [cap for cap in (self._default_cap, limits.budget) if cap is not None]
        return min(caps, default=None)

    async def remove_image(self, user_id: str, session_id: str, image_id: str) -> Asset:
        """Removes an image during image selection. Returns the removed image; records its files to be deleted."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _check_selecting(row)
            image = await transaction.get(AssetRow, image_id)
            if image is None or image.session_id != session_id or image.kind != AssetKind.IMAGE.value:
                raise NotFoundError(f"there is no image {image_id} in this session")
            removed = asset_of(image)
            erase_files(transaction, [image.storage_key, thumbnail_key(removed)], self._make_id, self._clock())
            await transaction.delete(image)
            row.approved_image_ids = [other for other in row.approved_image_ids if other != image_id]
            row.updated_at = self._clock()
        return removed

    async def remove_film(self, user_id: str, session_id: str, film_id: str) -> Asset:
        """Removes one finished film; its clips stay. Returns the removed film; records its files to be deleted.

        Where it was the session's final video, the newest other film becomes it; a session whose last film goes awaits its
        composition again. Raises NotFoundError, StageError while a job runs.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            film = await transaction.get(AssetRow, film_id)
            if film is None or film.session_id != session_id or film.kind != AssetKind.FINAL.value:
                raise NotFoundError(f"there is no film {film_id} in this session")
            if row.job_id is not None:
                raise StageError(
                    f"cannot delete a film: the session is at {row.stage} and still working; wait for it, or cancel",
                    row.stage,
                )
            removed = asset_of(film)
            erase_files(transaction, [*removed.keys, thumbnail_key(removed)], self._make_id, self._clock())
            await transaction.delete(film)
            await _choose_final(transaction, row, film_id)
            row.updated_at = self._clock()
        return removed

    async def approve_images(
        self, user_id: str, session_id: str, ids: Sequence[str], receipt: Receipt[SessionRecord] = no_receipt
    ) -> SessionRecord:
        """Sets the images to make clips of, in this order. Raises NotFoundError, StageError, InputError."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _act(row, Action.APPROVE_IMAGES, self._clock())
            await _check_ids(transaction, session_id, AssetKind.IMAGE, ids)
            row.approved_image_ids = list(ids)
            await receipt(transaction, session_of(row))
        return session_of(row)

    async def approve_clips(
        self,
        user_id: str,
        session_id: str,
        ids: Sequence[str],
        order: Sequence[str] = (),
        receipt: Receipt[SessionView] = no_receipt,
    ) -> SessionView:
        """Sets the clips of the film; `order` lists the same ids in the order of the film (empty: that of `ids`).

        Raises NotFoundError, StageError, InputError.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _act(row, Action.APPROVE_CLIPS, self._clock())
            await _check_ids(transaction, session_id, AssetKind.CLIP, ids)
            if order and sorted(order) != sorted(ids):
                raise InputError("the order must list every approved clip once and nothing else")
            row.approved_clip_ids = list(ids)
            row.clip_order = list(order or ids)
            view = await view_in(transaction, row)
            await receipt(transaction, view)
        return view


def _new_session(session_id: str, user_id: str, now: datetime) -> SessionRow:
    return SessionRow(
        id=session_id,
        user_id=user_id,
        stage=Stage.CREATED.value,
        approved_image_ids=[],
        approved_clip_ids=[],
        clip_order=[],
        text_overlay={},
        total_cost=Decimal(0),
        reserved=Decimal(0),
        last_seq=0,
        created_at=now,
        updated_at=now,
    )


def _act(row: SessionRow, action: Action, now: datetime) -> None:
    """Applies an immediate action to a session's stage. Raises StageError."""
    back = None if row.return_stage is None else Stage(row.return_stage)
    row.stage = check_action(action, Stage(row.stage), back, busy=row.job_id is not None).value
    row.return_stage = row.error = None
    row.updated_at = now


def _check_selecting(row: SessionRow) -> None:
    stage = row.return_stage if row.stage == Stage.FAILED.value else row.stage
    if stage != Stage.IMAGE_SELECTION.value or row.job_id is not None:
        raise StageError(
            f"cannot remove an image: the session is at {row.stage}; approve images again first", row.stage
        )


async def _choose_final(transaction: AsyncSession, row: SessionRow, removed: str) -> None:
    """The final video of a session after a film was removed."""
    query = select(AssetRow.id).where(
        AssetRow.session_id == row.id, AssetRow.kind == AssetKind.FINAL.value, AssetRow.id != removed
    )
    newest = await transaction.scalar(query.order_by(AssetRow.number.desc()).limit(1))
    if row.final_video_id == removed:
        row.final_video_id = newest
    if newest is None and row.stage == Stage.COMPLETE.value:
        row.stage = Stage.FINAL_COMPOSITION.value
    if newest is None and row.return_stage == Stage.COMPLETE.value:
        row.return_stage = Stage.FINAL_COMPOSITION.value


async def _check_ids(transaction: AsyncSession, session_id: str, kind: AssetKind, ids: Sequence[str]) -> None:
    if not ids:
        raise InputError(f"choose at least one {kind}")
    if len(set(ids)) != len(ids):
        raise InputError(f"each {kind} can be chosen once only")
    query = select(AssetRow.id).where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
    known = set(await transaction.scalars(query))
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise InputError(f"this session has no {kind} {unknown[0]}")
