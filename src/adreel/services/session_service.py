"""Sessions and all that belongs to them: the one door for everybody above."""

from __future__ import annotations

from adreel.services.session_edits import SessionEdits
from adreel.services.session_jobs import SessionJobs
from adreel.services.session_reads import SessionReads
from adreel.services.session_work import SessionWork


class SessionService(SessionReads, SessionEdits, SessionJobs, SessionWork):
    """Reads (`SessionReads`), what a person does at once (`SessionEdits`), the beginning and end of work (`SessionJobs`) and
    what work leaves behind (`SessionWork`). Every method is one transaction.
    """
