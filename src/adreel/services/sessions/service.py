"""The session service: the only interface to sessions for the layers above."""

from __future__ import annotations

from adreel.services.sessions.commands import SessionCommands
from adreel.services.sessions.jobs import SessionJobs
from adreel.services.sessions.queries import SessionQueries
from adreel.services.sessions.results import SessionResults
from adreel.services.sessions.scripts import SessionScripts


class SessionService(SessionQueries, SessionCommands, SessionJobs, SessionResults, SessionScripts):
    """Queries (`SessionQueries`), immediate commands of users (`SessionCommands`), the start and end of jobs (`SessionJobs`),
    the results of jobs (`SessionResults`) and scripts (`SessionScripts`). Every method is one transaction.
    """
