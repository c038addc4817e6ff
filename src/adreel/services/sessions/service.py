"""The session service: the only interface to sessions for the layers above."""

from __future__ import annotations

from adreel.services.sessions.commands import SessionCommands
from adreel.services.sessions.jobs import SessionJobs
from adreel.services.sessions.queries import SessionQueries
from adreel.services.sessions.results import SessionResults


class SessionService(SessionQueries, SessionCommands, SessionJobs, SessionResults):
    """Queries (`SessionQueries`), immediate commands of users (`SessionCommands`), the start and end of jobs (`SessionJobs`)
    and the results of jobs (`SessionResults`). Every method is one transaction.
    """
