"""What a person does to a session at once: making one, adding and choosing images and clips, throwing it away."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.errors import ConflictError, InputError, NotFoundError, StageError
from adreel.domain.session import Asset, AssetKind, SessionRecord, SessionView
from adreel.domain.stage import Action, Stage, check_action
from adreel.services.caps import check_cap
from adreel.services.locking import lock_own_session
from adreel.services.new_assets import add_once
from adreel.services.notices import notify
from adreel.services.records import Budget, NewAsset
from adreel.services.rows import asset_of, session_of
from adreel.services.session_base import SessionBase
from adreel.services.session_reads import view_in

_SEEDS = 2**31 - 1
"""How many seeds there are: what every model's seed field takes."""


class SessionEdits(SessionBase):
    async def create(
        self,
        user_id: str,
        product_prompt: str = "",
        video_prompt: str = "",
        seed: int | None = None,
        budget_cap: Decimal | None = None,
        session_id: str | None = None,
    ) -> SessionRecord:
        """A new session; a random seed, the usual cap (US dollars) and an id of its own unless others are given.

        Raises ConflictError when there is a session of the given id.
        """
        if budget_cap is not None and budget_cap < 0:
            raise InputError(f"a budget of ${budget_cap} is not possible: give 0 or more")
        row = _new_session(session_id or self._make_id(), user_id, self._clock())
        row.product_prompt, row.video_prompt = product_prompt, video_prompt
        row.budget_cap = self._default_cap if budget_cap is None else budget_cap
        row.seed = secrets.randbelow(_SEEDS) if seed is None else seed
        try:
            async with self._database.writing() as transaction:
                transaction.add(row)
        except IntegrityError as error:
            async with self._database.reading() as transaction:
                if await transaction.get(SessionRow, row.id) is not None:
                    raise ConflictError(f"there is a session {row.id} already") from error
            raise NotFoundError(f"there is no user {user_id}") from error
        return session_of(row)

    async def resume(
        self, user_id: str, session_id: str, product_prompt: str, seed: int, budget_cap: Decimal | None
    ) -> SessionRecord:
        """The session of this id, made if it is not there; one that is keeps all but its cap (US dollars), which is set anew.

        Raises NotFoundError for somebody else's, InputError for a cap below zero.
        """
        with suppress(ConflictError):
            await self.create(user_id, product_prompt, "", seed, budget_cap, session_id)
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            cap = self._default_cap if budget_cap is None else budget_cap
            # A cap below what is gone already stops purchases as one that is just used up does.
            row.budget_cap = None if cap is None else max(cap, row.total_cost + row.reserved)
        return session_of(row)

    async def set_budget(self, user_id: str, session_id: str, cap: Decimal | None) -> SessionRecord:
        """Sets the session's cap in US dollars; with None only the account's holds.

        Raises NotFoundError, ConflictError for a cap below what is spent or reserved, InputError for one below zero.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            check_cap(cap, Budget(row.budget_cap, row.total_cost, row.reserved))
            row.budget_cap, row.updated_at = cap, self._clock()
        return session_of(row)

    async def delete(self, user_id: str, session_id: str) -> SessionRecord:
        """Takes the session away with all that hangs on it; only the ledger stays. StageError while work is under way.

        Gives what was there. The files are the caller's to delete afterwards.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            if row.job_id is not None:
                raise StageError(
                    f"cannot delete: the session is at {row.stage} and still working; cancel first", row.stage
                )
            record = session_of(row)
            await transaction.execute(delete(SessionRow).where(SessionRow.id == session_id))
            await notify(transaction, session_id, 0)
        return record

    async def add_images(self, user_id: str, session_id: str, images: Sequence[NewAsset]) -> tuple[Asset, ...]:
        """Records uploaded images. One whose `request` the session has already is given as it is.

        Raises NotFoundError, StageError.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _act(row, Action.UPLOAD_IMAGES, self._clock())
            added = await add_once(transaction, session_id, images, self._make_id, self._clock())
        return tuple(asset_of(asset) for asset in added)

    async def remove_image(self, user_id: str, session_id: str, image_id: str) -> Asset:
        """Takes an image out again while images are being selected. Gives what was there; the file is the caller's to delete."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _check_selecting(row)
            image = await transaction.get(AssetRow, image_id)
            if image is None or image.session_id != session_id or image.kind != AssetKind.IMAGE.value:
                raise NotFoundError(f"there is no image {image_id} in this session")
            await transaction.delete(image)
            row.approved_image_ids = [known for known in row.approved_image_ids if known != image_id]
            row.updated_at = self._clock()
        return asset_of(image)

    async def approve_images(self, user_id: str, session_id: str, ids: Sequence[str]) -> SessionRecord:
        """Chooses the images that clips are made of, in this order. Raises NotFoundError, StageError, InputError."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            _act(row, Action.APPROVE_IMAGES, self._clock())
            await _check_ids(transaction, session_id, AssetKind.IMAGE, ids)
            row.approved_image_ids = list(ids)
        return session_of(row)

    async def approve_clips(
        self, user_id: str, session_id: str, ids: Sequence[str], order: Sequence[str] = ()
    ) -> SessionView:
        """Chooses the clips of the film; `order` lists the same ids as they are to be seen (empty: as in `ids`).

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
            return await view_in(transaction, row)


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
    """Moves a session by an action that is done at once. Raises StageError."""
    back = None if row.return_stage is None else Stage(row.return_stage)
    row.stage = check_action(action, Stage(row.stage), back, busy=row.job_id is not None).value
    row.return_stage = row.error = None
    row.updated_at = now


def _check_selecting(row: SessionRow) -> None:
    acting = row.return_stage if row.stage == Stage.FAILED.value else row.stage
    if acting != Stage.IMAGE_SELECTION.value or row.job_id is not None:
        raise StageError(
            f"cannot remove an image: the session is at {row.stage}; approve images again first", row.stage
        )


async def _check_ids(transaction: AsyncSession, session_id: str, kind: AssetKind, ids: Sequence[str]) -> None:
    if not ids:
        raise InputError(f"choose at least one {kind}")
    if len(set(ids)) != len(ids):
        raise InputError(f"each {kind} can be chosen once only")
    query = select(AssetRow.id).where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
    known = set(await transaction.scalars(query))
    unknown = [given for given in ids if given not in known]
    if unknown:
        raise InputError(f"this session has no {kind} {unknown[0]}")
