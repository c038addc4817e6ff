"""The scripts of sessions: what the ad says and shows, one for each session."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.locks import lock_own_session, no_session
from adreel.db.tables import EventRow, SessionRow
from adreel.domain.ad import Ad
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.sessions.jobs import SCRIPT
from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.services.events.log import append_event_in
from adreel.services.sessions.base import SessionBase
from adreel.services.sessions.records import EventDraft


class SessionScripts(SessionBase):
    """The photos of a session's script are the ids of its images, in the order of their numbers."""

    async def script(self, user_id: str, session_id: str) -> Ad | None:
        """The script of a user's session, None without one. Raises NotFoundError, InputError for one of a newer version."""
        query = select(SessionRow.script).where(SessionRow.id == session_id, SessionRow.user_id == user_id)
        async with self._database.reading() as transaction:
            found = (await transaction.execute(query)).one_or_none()
        if found is None:
            raise no_session(session_id)
        return None if found.script is None else read_ad(found.script)

    async def set_script(self, user_id: str, session_id: str, ad: Ad | None) -> SessionEvent:
        """Stores the script, or removes it, whatever the session does: a running job has its own copy. Returns the event, which
        the transaction has stored. Raises NotFoundError."""
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            now = self._clock()
            row.script, row.updated_at = None if ad is None else to_document(ad), now
            await transaction.flush()
            event = await append_event_in(transaction, session_id, await _draft(transaction, row, ad), now)
        if event is None:
            raise no_session(session_id)
        return event


async def _draft(transaction: AsyncSession, row: SessionRow, ad: Ad | None) -> EventDraft:
    """The event of a changed script; a job's progress stays where it was."""
    newest = select(EventRow.progress).where(EventRow.session_id == row.id, EventRow.seq == row.last_seq)
    progress = await transaction.scalar(newest) or 0.0
    message, what = ("Script removed", "removed") if ad is None else ("Script saved", "saved")
    return EventDraft(Stage(row.stage), progress, message, {SCRIPT: what})
